package dev.longshore.operator.pki;

/** Where the authorities lie that all replicas share. Failures are unchecked, and tried again. */
interface AuthorityStore {

  /**
   * What is there.
   *
   * @param authorities none if nothing is there
   * @param revision names this state for {@link #write}; empty: nothing is there
   */
  record Stored(Authorities authorities, String revision) {}

  /** Reads them; what can't be read in it is logged and left out. */
  Stored read();

  /**
   * Puts others in their place.
   *
   * @param before what was read
   * @return false: somebody else wrote since, and nothing happened
   */
  boolean write(Stored before, Authorities after);

  /** Lets data planes read what they trust; nothing happens if it is so already. */
  void publish(String bundle);
}
