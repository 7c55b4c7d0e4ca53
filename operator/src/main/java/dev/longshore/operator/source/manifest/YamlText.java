package dev.longshore.operator.source.manifest;

import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.reader.ReaderException;
import org.yaml.snakeyaml.reader.StreamReader;
import org.yaml.snakeyaml.scanner.Constant;

/**
 * A text that is read in linear time. The library's own reader holds a window that it copies every
 * 1,024 characters while one token goes on, so that a scalar, comment or indentation of 4 MB took 8
 * seconds.
 */
final class YamlText extends StreamReader {
  private static final String NAME = "text";
  private static final int BYTE_ORDER_MARK = 0xFEFF;

  private final int[] points;
  private int at;
  private int line;
  private int column;
  private int documentStart;

  /**
   * The whole of a text.
   *
   * @throws ReaderException if it holds a character that YAML doesn't
   */
  YamlText(String text) {
    super("");
    points = text.codePoints().toArray();
    for (int i = 0; i < points.length; i++) {
      if (!isPrintable(points[i])) {
        throw new ReaderException(NAME, i, points[i], "special characters are not allowed");
      }
    }
  }

  @Override
  public Mark getMark() {
    return new Mark(NAME, at, line, column, points, at);
  }

  @Override
  public void forward() {
    forward(1);
  }

  @Override
  public void forward(int length) {
    for (int i = 0; i < length && at < points.length; i++) {
      int c = points[at++];
      if (Constant.LINEBR.has(c) || (c == '\r' && at < points.length && points[at] != '\n')) {
        line++;
        column = 0;
      } else if (c != BYTE_ORDER_MARK) {
        column++;
      }
    }
  }

  @Override
  public int peek() {
    return peek(0);
  }

  @Override
  public int peek(int ahead) {
    return at + ahead < points.length ? points[at + ahead] : 0;
  }

  @Override
  public String prefix(int length) {
    return new String(points, at, Math.min(length, points.length - at));
  }

  @Override
  public String prefixForward(int length) {
    String prefix = prefix(length);
    // Never asked for with a line break in it.
    at += length;
    column += length;
    return prefix;
  }

  @Override
  public int getColumn() {
    return column;
  }

  @Override
  public int getDocumentIndex() {
    return at - documentStart;
  }

  @Override
  public void resetDocumentIndex() {
    documentStart = at;
  }

  @Override
  public int getIndex() {
    return at;
  }

  @Override
  public int getLine() {
    return line;
  }
}
