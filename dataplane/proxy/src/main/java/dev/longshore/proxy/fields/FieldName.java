package dev.longshore.proxy.fields;

/**
 * Names of header fields as applications get to see them. CGI and what follows it (WSGI, Rack, PHP)
 * hand on {@code X-User}, {@code x_user} and partly {@code X.User} under one name: so what is said
 * of a field holds for all names that could pass for it.
 */
public final class FieldName {
  private FieldName() {}

  /** Whether an application could take one for the other. */
  public static boolean alike(CharSequence one, CharSequence other) {
    int length = one.length();
    if (length != other.length()) {
      return false;
    }
    for (int i = 0; i < length; i++) {
      char a = one.charAt(i);
      char b = other.charAt(i);
      if (a != b && folded(a) != folded(b)) {
        return false;
      }
    }
    return true;
  }

  /** Whether it has something else than letters, digits and dashes. */
  public static boolean isUnusual(CharSequence name) {
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      if (c != '-' && folded(c) == '-') {
        return true;
      }
    }
    return false;
  }

  /** Its usual form: lower case, and dashes. */
  public static String dashed(CharSequence name) {
    StringBuilder dashed = new StringBuilder(name.length());
    for (int i = 0; i < name.length(); i++) {
      dashed.append(folded(name.charAt(i)));
    }
    return dashed.toString();
  }

  private static char folded(char c) {
    if (c >= 'A' && c <= 'Z') {
      return (char) (c + ('a' - 'A'));
    }
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ? c : '-';
  }
}
