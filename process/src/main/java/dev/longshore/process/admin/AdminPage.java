package dev.longshore.process.admin;

/** Something that the admin server shows under a path. */
@FunctionalInterface
public interface AdminPage {
  /**
   * Makes the page. Called on a thread of the admin server's own, one call at a time, so it may
   * take a while; liveness and readiness are answered meanwhile.
   *
   * @throws BadQueryException if a parameter can't be read; answered with 400 and its message
   */
  AdminResponse get(Query query) throws BadQueryException;
}
