package dev.longshore.contract;

import java.security.SecureRandom;
import java.util.List;

/**
 * Hashes of what tenants, clients and neighbours name, under a key that only this process knows.
 * {@link String#hashCode()} and what records derive from it are the same everywhere, so that
 * anybody finds thousands of names with one hash ({@code Aa} and {@code BB}), and turns a map of
 * them into a list (Crosby and Wallach, <a
 * href="https://www.usenix.org/legacy/events/sec03/tech/full_papers/crosby/crosby.pdf">Denial of
 * Service via Algorithmic Complexity Attacks</a>, 2003). Whoever knows neither key nor hashes
 * can't.
 *
 * <p>Four characters a step: the 128 bits of a product with the key, folded to 64. Never store or
 * show a hash: it is another one in every process, and showing it helps to guess the key.
 */
public final class KeyedHash {
  private static final long SEED;
  private static final long KEY;

  static {
    SecureRandom random = new SecureRandom();
    SEED = random.nextLong();
    KEY = random.nextLong() | 1;
  }

  private KeyedHash() {}

  /** The hash of a text. */
  public static int of(String text) {
    return finish(add(SEED, text, 0, text.length()));
  }

  /** The hash of {@code text[from, to)}: that of its {@link String#substring substring}. */
  public static int of(String text, int from, int to) {
    return finish(add(SEED, text, from, to));
  }

  /** The hash of two texts in order. */
  public static int of(String first, String second) {
    return finish(add(add(SEED, first), second));
  }

  /** The hash of three texts in order. */
  public static int of(String first, String second, String third) {
    return finish(add(add(add(SEED, first), second), third));
  }

  /** The hash of four texts in order. */
  public static int of(String first, String second, String third, String fourth) {
    return finish(add(add(add(add(SEED, first), second), third), fourth));
  }

  /**
   * The hash of a list by the hashes of its items.
   *
   * @param items whose own hashes are keyed
   */
  public static int of(List<?> items) {
    long hash = SEED;
    for (Object item : items) {
      hash = step(hash, item.hashCode());
    }
    return finish(step(hash, items.size()));
  }

  /** The hash of two hashes, or small numbers, in order. */
  public static int mix(int first, int second) {
    return finish(step(SEED, (long) first << 32 | second & 0xffffffffL));
  }

  /** The hash of an object: a text's is made here, any other has to be keyed itself. */
  static int of(Object key) {
    return key instanceof String text ? of(text) : mix(key.hashCode(), 0);
  }

  private static long add(long hash, String text) {
    return add(hash, text, 0, text.length());
  }

  private static long add(long seed, String text, int from, int to) {
    long hash = seed;
    int at = from;
    for (; at + 4 <= to; at += 4) {
      hash =
          step(
              hash,
              text.charAt(at)
                  | (long) text.charAt(at + 1) << 16
                  | (long) text.charAt(at + 2) << 32
                  | (long) text.charAt(at + 3) << 48);
    }
    long rest = 0;
    for (; at < to; at++) {
      rest = rest << 16 | text.charAt(at);
    }
    // The length tells where a text ends, and what of the rest is a character.
    return step(hash, rest ^ (long) (to - from) << 48);
  }

  private static long step(long hash, long word) {
    long mixed = hash ^ word;
    return mixed * KEY ^ Math.unsignedMultiplyHigh(mixed, KEY);
  }

  private static int finish(long hash) {
    return (int) (hash ^ hash >>> 32);
  }
}
