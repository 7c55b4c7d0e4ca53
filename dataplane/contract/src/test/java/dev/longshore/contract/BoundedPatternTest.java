package dev.longshore.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BoundedPatternTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "/api/v[0-9]+/.*",
        "/users/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/socket",
        "/(chat|live)/[^/]{1,64}",
        "/(?i:abc){1,20}(?P<name>x)?",
        "/[]({]{3}[[:alpha:]({]{4}\\Q((({\\E\\x{41}\\p{Lu}{2}",
        "(?:a{20}){20}",
        "/a{1000}",
        "a{x}{",
      })
  void compilesWhatPeopleWrite(String pattern) {
    assertThat(BoundedPattern.compile(pattern).pattern()).isEqualTo(pattern);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "(((a{0,50}){0,50}){0,50}){0,50}",
        "((((((((a{1000}){1000}){1000}){1000}){1000}){1000}){1000}){1000})",
        "(((((a{500,}){500,}){500,})))",
        "([(]{1000}){1000}",
        "([]()]{1000}[^](]{1000}){1000}",
        "(\\({1000}\\)){1000}",
        "(\\Q(((\\E{1000}){1000}",
        "([[:alpha:](]{1000}){1000}",
        "a{1000}b{1000}c{1000}",
        "(a{9}(b{9}(c{9}(d{9}(e{9}){9}){9}){9}){9}){9}",
      })
  void refusesWhatExplodes(String pattern) {
    assertThatThrownBy(() -> BoundedPattern.compile(pattern))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("is too large a pattern");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"(", ")", "[a", "a{1001}", "\\", "(?=a)", "(a)\\1", "a**{", "[[:foo:]]", "[z-a]"})
  void refusesWhatIsNoPattern(String pattern) {
    assertThatThrownBy(() -> BoundedPattern.compile(pattern))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("is not an RE2 pattern: ");
  }

  @Test
  void refusesWhatIsTooLong() {
    assertThatThrownBy(() -> BoundedPattern.compile("a".repeat(BoundedPattern.MAX_LENGTH + 1)))
        .hasMessage("has 1025 characters; a pattern has at most 1024");
  }
}
