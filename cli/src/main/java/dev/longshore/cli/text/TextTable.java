package dev.longshore.cli.text;

import java.util.ArrayList;
import java.util.List;

/** Lays out rows in columns, as kubectl does: no lines, three blanks between. */
public final class TextTable {
  private static final int GAP = 3;
  private static final int WIDEST = 60;

  private TextTable() {}

  /** The lines of a table whose columns are as wide as need be. */
  public static List<String> lines(List<String> headings, List<List<String>> rows) {
    int[] widths = new int[headings.size()];
    List<List<String>> all = new ArrayList<>();
    all.add(headings);
    all.addAll(rows);
    for (List<String> row : all) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.min(WIDEST, Math.max(widths[i], row.get(i).length()));
      }
    }
    List<String> lines = new ArrayList<>();
    for (List<String> row : all) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < widths.length; i++) {
        line.append(row.get(i));
        if (i < widths.length - 1) {
          line.append(" ".repeat(Math.max(1, widths[i] + GAP - row.get(i).length())));
        }
      }
      lines.add(line.toString());
    }
    return lines;
  }
}
