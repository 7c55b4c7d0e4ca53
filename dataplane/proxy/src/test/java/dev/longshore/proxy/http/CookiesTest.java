package dev.longshore.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CookiesTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          c=1                  | 1
          a=0; c=1; b=2        | 1
          a=0;c=1;b=2          | 1
          ;; c=1 ;             | 1
          c=1; c=2             | 1,2
          c=                   | ``
          c = 1                |
          C=1                  |
          cc=1; xc=2           |
          c                    |
          c=a=b                | a=b
          c="1"                | "1"
          a="x; c=1"           | 1"
          c=1, c=2             | 1, c=2
          a=c=1                |
          """)
  void pairsAreBetweenSemicolons(String field, String expected) {
    List<String> values = Cookies.values(List.of(field), "c");
    assertThat(values.isEmpty() ? null : String.join(",", values)).isEqualTo(expected);
  }

  @Test
  void thereMayBeSeveralFieldsAndNotTooManyValues() {
    assertThat(Cookies.values(List.of("c=1", "a=0", "c=2"), "c")).containsExactly("1", "2");
    assertThat(Cookies.values(List.of(), "c")).isEmpty();
    List<String> many = Stream.generate(() -> "c=1; c=2").limit(100).toList();
    assertThat(Cookies.values(many, "c")).hasSize(Cookies.MOST);
  }

  @Test
  void rubbishEnds() {
    String field = "c".repeat(8000) + ";".repeat(8000) + " \t".repeat(8000) + "c=1";
    assertThat(Cookies.values(List.of(field), "c")).containsExactly("1");
  }
}
