package dev.longshore.operator.source.manifest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.longshore.contract.HardLimits;
import java.io.StringReader;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.reader.StreamReader;

/** One file must not hold up the others, whatever is in it. */
class LargeManifestsTest {
  private static final int LARGE = 8 << 20;

  /** What is repeated stands between bars. In quadratic time each takes minutes. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "a: |x|",
        "a: \"|x|\"",
        "a: '|x|'",
        "a: \"x| |\"",
        "a: '|''|'",
        "a: \"|\\x41|\"",
        "a: \\|\n  |x|",
        "a: >\n  |x|",
        "a: x\n|\n|  y",
        "#|x|\na: b",
        "a: | |b",
        "| |a: b",
        "a: !|x| b",
        "a: &|x| b",
        "|x|: b",
        "a: |1|",
        "a: |1:|1",
        "a: [|[|",
        "a: |- |",
        "%|x|\n---\na: b",
      })
  @Timeout(value = 60, unit = TimeUnit.SECONDS)
  void aLongLineIsReadOrRefusedInLinearTime(String pattern) {
    String[] parts = pattern.replace("\\|", "\0").split("\\|", -1);
    String repeated = parts[1].repeat(LARGE / parts[1].length());
    String text = (parts[0] + repeated + parts[2] + "\n").replace('\0', '|');
    try {
      assertThat(YamlReader.read(text)).isNotNull();
    } catch (SyntaxException e) {
      assertThat(e.getMessage()).hasSizeLessThan(2000);
    }
  }

  @Test
  void aDocumentWithTooManyCharactersIsRefusedBeforeItIsRead() {
    String text = "a: " + "x".repeat(HardLimits.MANIFEST_CHARS) + "\n";
    assertThatExceptionOfType(SyntaxException.class)
        .isThrownBy(() -> YamlReader.read(text))
        .withMessageContaining("16,777,220")
        .withMessageContaining("16,777,216 are read")
        .withMessageContaining("--- between them");
    assertThatExceptionOfType(SyntaxException.class)
        .isThrownBy(() -> JsonReader.read("\"" + "x".repeat(HardLimits.MANIFEST_CHARS) + "\""))
        .withMessageContaining("16,777,216 are read");
  }

  /** A value takes a hundred times the memory of its two characters. */
  @Test
  void aDocumentWithTooManyValuesIsRefusedWhileItIsRead() {
    String many = "[" + "1,".repeat(HardLimits.MANIFEST_VALUES + 1) + "1]";
    assertThatExceptionOfType(SyntaxException.class)
        .isThrownBy(() -> YamlReader.read(many))
        .withMessageContaining("more than 1,000,000 keys and values");
    assertThatExceptionOfType(SyntaxException.class)
        .isThrownBy(() -> JsonReader.read("[" + many + "," + many + "]"))
        .withMessageContaining("not readable as JSON")
        .withMessageContaining("2000000");
  }

  @Test
  void namesOfOneHashAreReadLikeOthers() throws SyntaxException {
    // Equal under 31 × h + c and under Jackson's 33 × h + c.
    for (String[] pair : new String[][] {{"Aa", "BB"}, {"Ab", "BA"}}) {
      StringBuilder json = new StringBuilder("{");
      for (int i = 0; i < 20_000; i++) {
        json.append(i == 0 ? "" : ",").append('"');
        for (int bit = 0; bit < 15; bit++) {
          json.append(pair[i >> bit & 1]);
        }
        json.append("\": 1");
      }
      json.append('}');
      assertThat(JsonReader.read(json.toString())).isNotNull();
      assertThat(YamlReader.read(json.toString())).isNotNull();
    }
  }

  /** The library's own reader is the model. */
  @Test
  void aTextIsReadAsTheLibraryReadsIt() {
    String alphabet = "ab: \n\n\r\t-#\u0085\u2028\u2029\ufeff\u00e4\ud83d\ude00\"'";
    int[] letters = alphabet.codePoints().toArray();
    Random random = new Random(5);
    for (int round = 0; round < 300; round++) {
      StringBuilder text = new StringBuilder();
      for (int length = random.nextInt(3000); length > 0; length--) {
        text.appendCodePoint(letters[random.nextInt(letters.length)]);
      }
      StreamReader model = new StreamReader(new StringReader(text.toString()));
      StreamReader own = new YamlText(text.toString());
      for (int step = 0; step < 400; step++) {
        int ahead = random.nextInt(20);
        assertThat(own.peek(ahead)).isEqualTo(model.peek(ahead));
        assertThat(own.prefix(ahead)).isEqualTo(model.prefix(ahead));
        switch (random.nextInt(8)) {
          case 0 -> {
            int plain = 0;
            while (plain < 5 && Character.isLetter(own.peek(plain))) {
              plain++;
            }
            assertThat(own.prefixForward(plain)).isEqualTo(model.prefixForward(plain));
          }
          case 1 -> {
            own.resetDocumentIndex();
            model.resetDocumentIndex();
          }
          case 2 -> {
            own.forward();
            model.forward();
          }
          default -> {
            own.forward(ahead);
            model.forward(ahead);
          }
        }
        Mark expected = model.getMark();
        assertThat(own.getMark().getLine()).isEqualTo(expected.getLine());
        assertThat(own.getMark().getColumn()).isEqualTo(expected.getColumn());
        assertThat(own.getIndex()).isEqualTo(model.getIndex());
        assertThat(own.getDocumentIndex()).isEqualTo(model.getDocumentIndex());
        assertThat(own.getLine()).isEqualTo(model.getLine());
        assertThat(own.getColumn()).isEqualTo(model.getColumn());
      }
    }
  }
}
