package dev.longshore.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.contract.Certificate.CertificateKey;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class KeyedHashTest {
  private static final int MANY = 20_000;

  /** Of 20,000 good hashes of 32 bits about 0.05 pairs are equal; of 31 × h + c all. */
  private static final int FEW = 20;

  /** Every part of every key that a tenant or a client can choose. */
  @TestFactory
  List<DynamicTest> namesOfOneHashCodeAreTold() {
    return List.of(
        test("text", KeyedHash::of),
        test("region", name -> KeyedHash.of("/" + name + "/", 1, 1 + name.length())),
        test("host", name -> rule(name, "/", Matches.NONE)),
        test("path", name -> rule("a.example", "/" + name, Matches.NONE)),
        test("header", name -> rule("a.example", "/", header(name, "v"))),
        test("header value", name -> rule("a.example", "/", header("x-a", name))),
        test("query", name -> rule("a.example", "/", query(name, "v"))),
        test("query value", name -> rule("a.example", "/", query("q", name))),
        test("pool namespace", name -> new PoolKey("Ingress", name, "r", "u")),
        test("pool resource", name -> new PoolKey("Ingress", "n", name, "u")),
        test("upstream", name -> new PoolKey("Ingress", "n", "r", name)),
        test("service namespace", name -> new EndpointSetKey(name, "s", "80")),
        test("service", name -> new EndpointSetKey("n", name, "80")),
        test("service port", name -> new EndpointSetKey("n", "s", name)),
        test("secret namespace", name -> new CertificateKey(name, "s")),
        test("secret", name -> new CertificateKey("n", name)),
        test("address", name -> new Endpoint(name, 80, Endpoint.State.READY)),
        test("server name", name -> new UpstreamTls(name, null, null)),
        test("CA bundle", name -> new UpstreamTls(null, name, null)),
        test("entry", name -> new EntryRef.Pool(new PoolKey("Ingress", name, "r", "u"))),
        test("error", name -> new SnapshotError(new EntryRef.AllSettings(), name, "")));
  }

  @Test
  void partsAreNotRunTogether() {
    assertThat(KeyedHash.of("ab", "c")).isNotEqualTo(KeyedHash.of("a", "bc"));
    assertThat(KeyedHash.of("abcd", "")).isNotEqualTo(KeyedHash.of("", "abcd"));
    assertThat(KeyedHash.of("a")).isNotEqualTo(KeyedHash.of("a\0"));
    assertThat(KeyedHash.of("")).isNotEqualTo(KeyedHash.of("\0"));
    assertThat(KeyedHash.of("\0\0\0\0")).isNotEqualTo(KeyedHash.of("\0\0\0\0\0\0\0\0"));
    assertThat(KeyedHash.mix(1, 2)).isNotEqualTo(KeyedHash.mix(2, 1));
  }

  @Test
  void aRegionHasTheHashOfItsText() {
    Random random = new Random(1);
    for (int i = 0; i < 200; i++) {
      String text =
          random
              .ints(20, 0, 0x10000)
              .collect(StringBuilder::new, (all, c) -> all.append((char) c), StringBuilder::append)
              .toString();
      int from = random.nextInt(20);
      int to = from + random.nextInt(21 - from);
      assertThat(KeyedHash.of(text, from, to)).isEqualTo(KeyedHash.of(text.substring(from, to)));
    }
  }

  private static DynamicTest test(String what, Function<String, Object> key) {
    return DynamicTest.dynamicTest(
        what,
        () -> {
          List<String> names = Colliding.names(MANY);
          assertThat(names.stream().map(String::hashCode).distinct()).hasSize(1);
          assertThat(names.stream().map(key).map(Object::hashCode).distinct().count())
              .isGreaterThan(MANY - FEW);
        });
  }

  private static RuleKey rule(String host, String path, Matches matches) {
    return new RuleKey(host, PathType.PREFIX, path, matches);
  }

  private static Matches header(String name, String value) {
    return new Matches(List.of(new ValueMatch(name, ValueMatch.Type.EXACT, value)), List.of());
  }

  private static Matches query(String name, String value) {
    return new Matches(List.of(), List.of(new ValueMatch(name, ValueMatch.Type.EXACT, value)));
  }
}
