package dev.longshore.proxy.filter;

import dev.longshore.contract.policy.Policy;
import dev.longshore.contract.policy.SignIn;
import dev.longshore.proxy.answer.LocalAnswer;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Sends clients to where they sign in, in place of a 401 ({@code auth.external.signIn}). Of what
 * was asked for path and query come percent-encoded, so that they can't say more than one value of
 * the query; scheme and host are those that the rule was found by.
 */
final class SignInLocation {
  private static final Pattern PLACES = Pattern.compile("\\{(?:scheme|host|uri)\\}");
  private static final String DIGITS = "0123456789ABCDEF";

  /** Literal texts and places, as they follow each other. */
  private final List<String> parts = new ArrayList<>();

  private SignInLocation(String location) {
    Matcher place = PLACES.matcher(location);
    int from = 0;
    while (place.find()) {
      parts.add(location.substring(from, place.start()));
      parts.add(place.group());
      from = place.end();
    }
    parts.add(location.substring(from));
  }

  /** That of a policy; null: clients get the 401. */
  static @Nullable SignInLocation of(Policy policy) {
    return policy.has(SignIn.class)
        ? new SignInLocation(policy.get(SignIn.class).location())
        : null;
  }

  /** The URL for a request. */
  String of(FilterRequest request) {
    StringBuilder location = new StringBuilder(256);
    for (String part : parts) {
      switch (part) {
        case SignIn.SCHEME -> location.append(request.scheme());
        case SignIn.HOST -> location.append(request.authority());
        case SignIn.URI -> encode(request.forwardTarget(), location);
        default -> location.append(part);
      }
    }
    return location.toString();
  }

  /**
   * The answer in place of a 401: its cookies stay, by which the service knows the client again.
   */
  static LocalAnswer instead(LocalAnswer refused, String location) {
    List<LocalAnswer.Field> fields = new ArrayList<>();
    for (LocalAnswer.Field field : refused.fields()) {
      if (field.name().equals(HttpHeaderNames.SET_COOKIE)) {
        fields.add(field);
      }
    }
    fields.add(new LocalAnswer.Field(HttpHeaderNames.LOCATION, location));
    return new LocalAnswer(
        HttpResponseStatus.FOUND,
        "you have to sign in first",
        fields,
        refused.outcome(),
        refused.connection(),
        refused.failure(),
        null);
  }

  /** All but what is unreserved (RFC 3986 §2.3). */
  private static void encode(String text, StringBuilder out) {
    for (byte each : text.getBytes(StandardCharsets.UTF_8)) {
      int c = each & 0xff;
      if ((c >= 'a' && c <= 'z')
          || (c >= 'A' && c <= 'Z')
          || (c >= '0' && c <= '9')
          || "-._~".indexOf(c) >= 0) {
        out.append((char) c);
      } else {
        out.append('%').append(DIGITS.charAt(c >> 4)).append(DIGITS.charAt(c & 0xf));
      }
    }
  }
}
