package dev.longshore.operator.translate.route;

import dev.longshore.api.v1alpha1.Location.HeaderMatch;
import dev.longshore.api.v1alpha1.Location.Match;
import dev.longshore.api.v1alpha1.Location.QueryMatch;
import dev.longshore.contract.Matches;
import dev.longshore.contract.ValueMatch;
import dev.longshore.operator.translate.field.HeaderNames;
import dev.longshore.operator.translate.field.Names;
import dev.longshore.operator.translate.verdict.Problems;
import dev.longshore.operator.translate.verdict.Quote;
import dev.longshore.operator.translate.verdict.Reason;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads the conditions of a location on headers and query parameters. */
final class MatchesReader {
  private static final int MOST = 16;

  private MatchesReader() {}

  /** The conditions; of invalid ones those that could be read. */
  static Matches read(@Nullable Match match, String fieldPath, Problems problems) {
    if (match == null) {
      return Matches.NONE;
    }
    return new Matches(
        headers(Objects.requireNonNullElse(match.headers(), List.of()), fieldPath, problems),
        query(Objects.requireNonNullElse(match.query(), List.of()), fieldPath, problems));
  }

  private static List<ValueMatch> headers(
      List<HeaderMatch> headers, String fieldPath, Problems problems) {
    List<ValueMatch> read = new ArrayList<>();
    Set<String> names = new HashSet<>();
    bounded(headers.size(), fieldPath + ".headers", problems);
    for (int i = 0; i < Math.min(MOST, headers.size()); i++) {
      HeaderMatch header = headers.get(i);
      String path = fieldPath + ".headers[" + i + "]";
      String name =
          problems.parse(
              path + ".name", () -> Names.token(Objects.requireNonNullElse(header.name(), "")));
      String value =
          problems.parse(
              path + ".value",
              () -> HeaderNames.value(Objects.requireNonNullElse(header.value(), "")));
      if (name == null || value == null) {
        continue;
      }
      String lower = name.toLowerCase(Locale.ROOT);
      once(names.add(lower), name, path, problems);
      read.add(new ValueMatch(lower, ValueMatch.Type.EXACT, value));
    }
    return read;
  }

  private static List<ValueMatch> query(
      List<QueryMatch> query, String fieldPath, Problems problems) {
    List<ValueMatch> read = new ArrayList<>();
    Set<String> names = new HashSet<>();
    bounded(query.size(), fieldPath + ".query", problems);
    for (int i = 0; i < Math.min(MOST, query.size()); i++) {
      String path = fieldPath + ".query[" + i + "]";
      String name = Objects.requireNonNullElse(query.get(i).name(), "");
      String value = Objects.requireNonNullElse(query.get(i).value(), "");
      if (name.isEmpty() || name.length() > 128) {
        problems.fault(
            Reason.INVALID, path + ".name", Quote.of(name) + " must have from 1 to 128 characters");
      } else if (value.length() > 1024) {
        problems.fault(
            Reason.INVALID, path + ".value", "has " + value.length() + " characters: at most 1024");
      } else {
        once(names.add(name), name, path, problems);
        read.add(new ValueMatch(name, ValueMatch.Type.EXACT, value));
      }
    }
    return read;
  }

  private static void bounded(int size, String fieldPath, Problems problems) {
    if (size > MOST) {
      problems.fault(Reason.INVALID, fieldPath, "has " + size + " items: at most " + MOST);
    }
  }

  private static void once(boolean first, String name, String path, Problems problems) {
    if (!first) {
      problems.fault(
          Reason.INVALID,
          path + ".name",
          Quote.of(name) + " is named twice, and both conditions could never hold: remove one");
    }
  }
}
