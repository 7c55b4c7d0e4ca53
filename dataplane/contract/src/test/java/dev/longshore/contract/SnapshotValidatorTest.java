package dev.longshore.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.contract.Certificate.CertificateKey;
import dev.longshore.contract.RuleAction.Forward;
import dev.longshore.contract.RuleAction.PathRewrite;
import dev.longshore.contract.RuleAction.Rewrite;
import dev.longshore.contract.RuleAction.Unavailable;
import dev.longshore.contract.RuleAction.WeightedPool;
import dev.longshore.contract.Settings.TlsVersion;
import dev.longshore.contract.policy.Access;
import dev.longshore.contract.policy.Draining.OnChange;
import dev.longshore.contract.policy.Header;
import dev.longshore.contract.policy.HeaderEdits;
import dev.longshore.contract.policy.Limits;
import dev.longshore.contract.policy.PartType;
import dev.longshore.contract.policy.Ping.Towards;
import dev.longshore.contract.policy.Policy;
import dev.longshore.contract.policy.RequestHeaders;
import dev.longshore.contract.policy.ResponseHeaders;
import dev.longshore.contract.policy.Timeouts;
import dev.longshore.contract.testing.TestPolicy;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SnapshotValidatorTest {
  private static final RoutingSnapshot VALID = Samples.snapshot(40);

  @Test
  void findsNothingWrongWithWhatIsRight() {
    assertThat(SnapshotValidator.validate(VALID)).isEmpty();
    assertThat(SnapshotValidator.validate(RoutingSnapshot.EMPTY)).isEmpty();
    assertThat(SnapshotValidator.validate(RoutingSnapshot.EMPTY, VALID)).isEmpty();
    assertThat(SnapshotValidator.validate(VALID, RoutingSnapshot.EMPTY)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void theDifferenceShowsTheSameErrorsAsTheWhole(long seed) {
    Random random = new Random(seed);
    RoutingSnapshot valid = Samples.snapshot(12);
    int wrong = 0;
    for (int i = 0; i < 400; i++) {
      RoutingSnapshot next =
          SnapshotBuilderTest.applied(
              valid,
              Stream.generate(() -> Samples.edit(random)).limit(1 + random.nextInt(4)).toList());
      List<SnapshotError> errors = SnapshotValidator.validate(next);
      assertThat(SnapshotValidator.validate(valid, next)).isEqualTo(errors);
      wrong += errors.isEmpty() ? 0 : 1;
      valid = errors.isEmpty() ? next : valid;
    }
    assertThat(wrong).isBetween(50, 350);
  }

  @Test
  void namesEveryRuleOfAPoolThatWent() {
    RoutingSnapshot next = edited(b -> b.removePool(Samples.poolKey(0)));
    String missing =
        ": refers to pools[WebSocketRoute demo/route-0 upstream-0], which the snapshot does not"
            + " hold";
    assertThat(next.references().has(Samples.poolKey(0))).isTrue();
    assertThat(texts(next))
        .contains("rules[host-7.example.com Exact /path/20].action.backends[0].pool" + missing)
        .allMatch(text -> text.endsWith(missing))
        .hasSize(2);
    assertThat(SnapshotValidator.validate(next))
        .extracting(SnapshotError::entry)
        .contains(new EntryRef.Rule(Samples.ruleKey(20)));
  }

  @Test
  void namesEveryPoolOfAnEndpointSetThatWent() {
    assertThat(texts(edited(b -> b.removeEndpointSet(Samples.endpointSetKey(3)))))
        .containsExactly(
            "pools[WebSocketRoute demo/route-0 upstream-3].endpoints: refers to"
                + " endpointSets[demo/service-3:3000], which the snapshot does not hold",
            "pools[WebSocketRoute demo/route-3 upstream-1].endpoints: refers to"
                + " endpointSets[demo/service-3:3000], which the snapshot does not hold");
  }

  @Test
  void aHostsPatternsAndAPathsConditionsAreBoundedTogether() {
    // About 1,000 instructions each.
    RoutingSnapshot most = edited(b -> patterns(b, 0, 16));
    assertThat(texts(most)).isEmpty();
    RoutingSnapshot more = edited(b -> patterns(b, 0, 40));
    assertThat(texts(more)).hasSize(40).allMatch(text -> text.contains("16,384 are possible"));
    RoutingSnapshot next = SnapshotBuilder.from(more).build();
    for (int i = 16; i < 40; i++) {
      next = SnapshotBuilder.from(next).removeRule(pattern(i)).build();
    }
    assertThat(texts(next)).isEmpty();

    assertThat(texts(edited(b -> conditions(b, HardLimits.CONDITIONAL_RULES_PER_PATH)))).isEmpty();
    assertThat(texts(edited(b -> conditions(b, HardLimits.CONDITIONAL_RULES_PER_PATH + 1))))
        .hasSize(HardLimits.CONDITIONAL_RULES_PER_PATH + 1)
        .allMatch(text -> text.contains("129 rules with conditions on one path; 128 are possible"));
  }

  private static void patterns(SnapshotBuilder builder, int from, int to) {
    for (int i = from; i < to; i++) {
      builder.put(unavailable(pattern(i)));
    }
  }

  private static RuleKey pattern(int number) {
    return new RuleKey("p.example", PathType.REGEX, "/" + number + "/(a{0,500})", Matches.NONE);
  }

  private static void conditions(SnapshotBuilder builder, int count) {
    for (int i = 0; i < count; i++) {
      ValueMatch match = new ValueMatch("x-a", ValueMatch.Type.EXACT, "v" + i);
      builder.put(
          unavailable(
              new RuleKey(
                  "c.example", PathType.PREFIX, "/", new Matches(List.of(match), List.of()))));
    }
  }

  private static LocationRule unavailable(RuleKey key) {
    return new LocationRule(
        key,
        new RuleSource("WebSocketRoute", "demo", "r", 0, "l0", 0),
        new Unavailable("Invalid", "test"));
  }

  @Test
  void findsAPolicyThatIsMissing() {
    assertThat(texts(edited(b -> b.put(Samples.rule(1, backend(1), "0f")))))
        .containsExactly(
            "rules[host-1.example.com Prefix /path/1].action.policy: refers to policies[0f], which"
                + " the snapshot does not hold");
  }

  @Test
  void findsAPolicyUnderTheIdOfAnother() {
    RoutingSnapshot forged =
        new RoutingSnapshot(
            PersistentMap.empty(),
            PersistentMap.empty(),
            PersistentMap.empty(),
            PersistentMap.empty(),
            PersistentMap.<String, Policy>empty().with("0f", Policy.DEFAULT),
            PersistentMap.empty(),
            PersistentMap.empty(),
            Settings.DEFAULT,
            References.NONE,
            Version.EMPTY,
            Version.EMPTY);
    assertThat(SnapshotValidator.validate(forged))
        .extracting(SnapshotError::toString)
        .containsExactly(
            "policies[0f]: has the content of policy cf2bb0923817581007d2bb99a9e64d9a");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "*",
        "a",
        "chat.example.com",
        "*.example.com",
        "xn--bcher-kva.example",
        "127.0.0.1"
      })
  void acceptsHosts(String host) {
    assertThat(ofKey(new RuleKey(host, PathType.PREFIX, "/", Matches.NONE))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "Chat.example.com",
        "a..b",
        ".a",
        "a.",
        "-a",
        "a-",
        "*.",
        "*.*.a",
        "a.*",
        "**",
        "a_b",
        "a b",
        "a:80",
        "bücher.example",
        "a\n",
        "[::1]",
      })
  void refusesHosts(String host) {
    assertThat(ofKey(new RuleKey(host, PathType.PREFIX, "/", Matches.NONE)))
        .singleElement()
        .asString()
        .contains("].key.host: is '")
        .endsWith(
            "'; must be a lower-case host name such as chat.example.com, *.example.com"
                + " (one label) or *");
  }

  @Test
  void refusesLongHosts() {
    String label = "a".repeat(63);
    assertThat(ofKey(new RuleKey(label + ".b", PathType.EXACT, "/", Matches.NONE))).isEmpty();
    assertThat(ofKey(new RuleKey(label + "a.b", PathType.EXACT, "/", Matches.NONE))).hasSize(1);
    String longest = String.join(".", Collections.nCopies(4, label));
    assertThat(ofKey(new RuleKey(longest, PathType.EXACT, "/", Matches.NONE))).hasSize(1);
  }

  @ParameterizedTest
  @CsvSource({
    "/, ''",
    "/a/b-c_d.e~f, ''",
    "/a/, ''",
    "/%41%C3%BC, ''",
    "/a..b/...c, ''",
    "'', begins with /",
    "a, begins with /",
    "/a?b, begins with /",
    "/a#b, begins with /",
    "/a b, begins with /",
    "/a\\b, begins with /",
    "/ü, begins with /",
    "//, normalised",
    "/a//b, normalised",
    "/a/./b, normalised",
    "/a/.., normalised",
    "/a;b, normalised",
    "/%2e%2E/, normalised",
    "/a%2Fb, normalised",
    "/a%5cb, normalised",
    "/a%00, normalised",
  })
  void pathsAreAbsoluteAndNormalised(String path, String problem) {
    for (PathType type : List.of(PathType.EXACT, PathType.PREFIX)) {
      List<String> errors = ofServedKey(new RuleKey("a.example", type, path, Matches.NONE));
      if (problem.isEmpty()) {
        assertThat(errors).isEmpty();
      } else {
        assertThat(errors).singleElement().asString().contains("].key.path: is '", problem);
      }
    }
  }

  @Test
  void aRuleThatIsNotServedMayHaveAPathThatNoRequestHas() {
    assertThat(ofKey(new RuleKey("a", PathType.EXACT, "/a%2fb", Matches.NONE))).isEmpty();
  }

  @Test
  void anErrorIsOneLineOfPlainText() {
    String hostile = "/\r\n2026 ERROR \u001b[31m\u202e" + "x".repeat(5_000);
    assertThat(ofKey(new RuleKey(hostile, PathType.EXACT, hostile, Matches.NONE)))
        .hasSize(2)
        .allSatisfy(text -> assertThat(text).hasSizeLessThan(700).matches("[ -~…]*"));
  }

  @Test
  void patternsAreBoundedRe2() {
    assertThat(ofKey(new RuleKey("a", PathType.REGEX, "/[0-9]+", Matches.NONE))).isEmpty();
    assertThat(ofKey(new RuleKey("a", PathType.REGEX, "(/a", Matches.NONE)))
        .singleElement()
        .asString()
        .startsWith("rules[a Regex (/a].key.path: is not an RE2 pattern: missing closing )");
    assertThat(ofKey(new RuleKey("a", PathType.REGEX, "((a{999}){999}){999}", Matches.NONE)))
        .singleElement()
        .asString()
        .contains("is too large a pattern");
  }

  @Test
  void matchesHaveNamesAndValues() {
    ValueMatch.Type exact = ValueMatch.Type.EXACT;
    ValueMatch.Type regex = ValueMatch.Type.REGEX;
    Matches wrong =
        new Matches(
            List.of(
                new ValueMatch("", exact, "a"),
                new ValueMatch("X-Upper", exact, "a"),
                new ValueMatch("x-a", exact, "b\r\nc"),
                new ValueMatch("x-b", regex, "[")),
            List.of(new ValueMatch("", exact, ""), new ValueMatch("b", regex, "(")));
    assertThat(ofKey(new RuleKey("a", PathType.EXACT, "/", wrong)))
        .extracting(text -> text.replaceAll("^.*\\]\\.key\\.matches\\.", ""))
        .satisfiesExactly(
            text -> assertThat(text).startsWith("headers[0].name: is ''; must be a token"),
            text -> assertThat(text).startsWith("headers[1].name: is 'X-Upper'; must be a token"),
            text -> assertThat(text).startsWith("headers[2].value: is 'b\\u000d\\u000ac'"),
            text -> assertThat(text).startsWith("headers[3].value: is not an RE2 pattern"),
            text -> assertThat(text).startsWith("query[0].name: is ''; must be 1 to 128"),
            text -> assertThat(text).startsWith("query[1].value: is not an RE2 pattern"));
  }

  @Test
  void weightsAreBoundedAndNotAllZero() {
    assertThat(ofAction(forward(List.of(), Rewrite.NONE)))
        .containsExactly("action.backends: is empty; at least one backend is needed");
    assertThat(ofAction(forward(weights(0, 0), Rewrite.NONE)))
        .containsExactly("action.backends: has no weight above 0; at least one is needed");
    assertThat(ofAction(forward(weights(0, 1_000_000), Rewrite.NONE))).isEmpty();
    assertThat(ofAction(forward(weights(-1, 1_000_001, 1), Rewrite.NONE)))
        .containsExactly(
            "action.backends[0].weight: is '-1'; must be 0 to 1,000,000",
            "action.backends[1].weight: is '1000001'; must be 0 to 1,000,000");
    assertThat(ofAction(forward(weights(new int[65]), Rewrite.NONE)))
        .contains("action.backends: has 65 entries; at most 64 are possible");
  }

  @Test
  void rewritesCannotBreakTheRequestLine() {
    PathRewrite.Type full = PathRewrite.Type.REPLACE_FULL;
    assertThat(ofAction(forward(weights(1), rewrite(full, "/a HTTP/1.1\r\nX: y", null))))
        .singleElement()
        .asString()
        .startsWith(
            "action.rewrite.path.value: is '/a HTTP/1.1\\u000d\\u000aX: y'; must be a path");
    assertThat(ofAction(forward(weights(1), rewrite(full, "/ok", "chat.internal:8080")))).isEmpty();
    for (String host : List.of("", "a\r\nb", "a:0", "a:65536", "a:", "A", "a/b", "*.a", "u@a")) {
      assertThat(ofAction(forward(weights(1), rewrite(full, "/ok", host))))
          .singleElement()
          .asString()
          .startsWith("action.rewrite.host: is ");
    }
  }

  @Test
  void aPatternHasNoPrefixToReplace() {
    RuleKey key = new RuleKey("a", PathType.REGEX, "/a+", Matches.NONE);
    Rewrite prefix = rewrite(PathRewrite.Type.REPLACE_PREFIX, "/b", null);
    assertThat(
            texts(
                edited(
                    b ->
                        b.put(
                            new LocationRule(
                                key,
                                Samples.source(0),
                                new Forward(weights(1), prefix, b.policy(Policy.DEFAULT)))))))
        .containsExactly(
            "rules[a Regex /a+].action.rewrite.path.type: is 'REPLACE_PREFIX'; must be"
                + " REPLACE_FULL, for a pattern has no prefix");
  }

  @Test
  void groupsAreOfPatternsAlone() {
    PathRewrite.Type match = PathRewrite.Type.REPLACE_MATCH;
    assertThat(ofAction(forward(weights(1), rewrite(match, "/$1", null))))
        .singleElement()
        .asString()
        .contains("action.rewrite.path.type: is 'REPLACE_MATCH'; must be of a rule with a pattern");
    for (String value : List.of("/$1", "$1", "/a-$1/$9", "/$1".repeat(9), "/a$b")) {
      assertThat(ofPattern(rewrite(match, value, null))).as(value).isEmpty();
    }
    for (String value : List.of("/$1".repeat(10), "/$1?a=b", "/ $1", "/$1\r\nX: y", "/$1#")) {
      assertThat(ofPattern(rewrite(match, value, null))).as(value).hasSize(1);
    }
  }

  @Test
  void wholeTargetsAreOfRedirectsAlone() {
    PathRewrite.Type target = PathRewrite.Type.REPLACE_TARGET;
    assertThat(ofAction(forward(weights(1), rewrite(target, "/a", null))))
        .singleElement()
        .asString()
        .contains("action.rewrite.path.type: is 'REPLACE_TARGET'; must be of a redirect");
    for (String value : List.of("", "/", "/a?b=c#d", "?a", "#a", "//a")) {
      assertThat(ofAction(to(new PathRewrite(target, value)))).as(value).isEmpty();
    }
    for (String value : List.of("a", ".evil.com", ":80", "@b", "/ ", "/\\a", "/\r\nX: y", "/ä")) {
      assertThat(ofAction(to(new PathRewrite(target, value)))).as(value).hasSize(1);
    }
  }

  private static RuleAction to(PathRewrite path) {
    return new RuleAction.Redirect(null, "a.example.com", null, path, 302, "");
  }

  private static List<String> ofPattern(Rewrite rewrite) {
    RuleKey key = new RuleKey("a", PathType.REGEX, "/(a+)", Matches.NONE);
    return texts(
        edited(
            b ->
                b.put(
                    new LocationRule(
                        key,
                        Samples.source(0),
                        new Forward(weights(1), rewrite, b.policy(Policy.DEFAULT))))));
  }

  @Test
  void anUnavailableRuleSaysWhy() {
    assertThat(ofAction(new Unavailable("NotAllowed", "because"))).isEmpty();
    assertThat(ofAction(new Unavailable("", "x".repeat(32_769)))).hasSize(2);
  }

  @Test
  void sourcesCount() {
    RuleSource source = new RuleSource("Ingress", "demo", "a", -1, "", -1);
    assertThat(
            texts(
                edited(
                    b ->
                        b.put(
                            new LocationRule(
                                Samples.ruleKey(9), source, new Unavailable("A", ""))))))
        .hasSize(2)
        .allMatch(text -> text.contains("].source."));
  }

  @ParameterizedTest
  @ValueSource(
      ints = {1000, 1001, 1002, 1003, 1007, 1008, 1009, 1011, 1012, 1013, 1014, 3000, 4999})
  void acceptsCloseCodesThatMayBeSent(int code) {
    assertThat(ofPolicy(closing(Duration.ofSeconds(5), code))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 0, 999, 1004, 1005, 1006, 1010, 1015, 1016, 2999, 5000, 65_536 + 1000})
  void refusesCloseCodesThatMayNot(int code) {
    assertThat(ofPolicy(closing(Duration.ofSeconds(5), code)))
        .singleElement()
        .asString()
        .startsWith("closing.closeCode: is '" + code + "'; must be a code that a server may send");
  }

  @Test
  void durationsAreBounded() {
    for (Duration wrong :
        List.of(Duration.ofMillis(-1), Duration.ofNanos(1), Duration.ofHours(399_997))) {
      Policy policy =
          new TestPolicy()
              .with(new Timeouts(wrong, wrong, wrong, wrong, wrong, wrong))
              .retries(11)
              .closing(wrong, 1012)
              .build();
      assertThat(ofPolicy(policy))
          .extracting(text -> text.substring(0, text.indexOf(':')))
          .containsExactlyInAnyOrder(
              "closing.deadline",
              "retries",
              "timeouts.connect",
              "timeouts.handshake",
              "timeouts.idle",
              "timeouts.maxLifetime",
              "timeouts.response",
              "timeouts.writeStall");
      UpstreamPool pool =
          UpstreamPool.of(
              Samples.poolKey(1),
              Samples.endpointSetKey(1),
              UpstreamPool.Balancing.RANDOM,
              wrong,
              new UpstreamPool.Keepalive(10_001, wrong));
      assertThat(texts(edited(b -> b.put(pool)))).hasSize(3);
    }
  }

  @Test
  void headersCannotSplitOrReframe() {
    HeaderEdits edits =
        new HeaderEdits(
            List.of(
                new Header("X-A", "fine \t value"),
                new Header("X A", "b"),
                new Header("X-B", "a\r\nb"),
                new Header("X-C", "a\u0000"),
                new Header("X-D", "hush\u001b"),
                new Header("Transfer-Encoding", "chunked"),
                new Header("Sec-WebSocket-Accept", "x")),
            List.of("x-c", "X-C", "connection", "a:b"));
    for (String side : List.of("requestHeaders", "responseHeaders")) {
      assertThat(ofPolicy(headers(side, edits)))
          .extracting(text -> text.substring(0, text.indexOf(':')))
          .containsExactlyInAnyOrder(
              side + ".set[1].name",
              side + ".set[2].value",
              side + ".set[3].value",
              side + ".set[4].value",
              side + ".set[5].name",
              side + ".set[6].name",
              side + ".remove[1]",
              side + ".remove[2]",
              side + ".remove[3]");
      assertThat(ofPolicy(headers(side, edits)).toString()).doesNotContain("hush");
    }
  }

  @Test
  void originsSubprotocolsAndRangesHaveTheirForms() {
    Policy policy =
        new TestPolicy()
            .origins(
                "https://chat.example.com",
                "http://*.example.com:8080",
                "http://[::1]:80",
                "null",
                "*",
                "https://Chat.example.com",
                "https://a/b",
                "chat.example.com")
            .subprotocols("graphql-transport-ws", "a,b", "")
            .with(new Access(List.of(new Cidr("10.0.0.1/8")), List.of(new Cidr("all/0"))))
            .build();
    assertThat(ofPolicy(policy))
        .extracting(text -> text.substring(0, text.indexOf(':')))
        .containsExactly(
            "access.allow[0]",
            "access.deny[0]",
            "origins[3]",
            "origins[4]",
            "origins[5]",
            "origins[6]",
            "origins[7]",
            "subprotocols[1]",
            "subprotocols[2]");
  }

  @ParameterizedTest
  @CsvSource({
    "192.168.3.1, 3000, ''",
    "127.0.0.1, 1, ''",
    "2001:db8::1, 65535, ''",
    "chat.internal, 80, 'address: is ''chat.internal''; must be an IP literal'",
    "localhost, 80, 'address: '",
    "1, 80, 'address: '",
    "10.0.0.0/8, 80, 'address: '",
    "fe80::1%eth0, 80, 'address: '",
    "'', 80, 'address: '",
    "0.0.0.0, 80, 'address: '",
    "::, 80, 'address: '",
    "224.0.0.1, 80, 'address: '",
    "10.0.0.1, 0, 'port: '",
    "10.0.0.1, 65536, 'port: '",
    "10.0.0.1, -1, 'port: '",
  })
  void endpointsAreAddressesAndPorts(String address, int port, String problem) {
    List<String> errors =
        texts(
            edited(
                b ->
                    b.put(
                        new EndpointSet(
                            Samples.endpointSetKey(1),
                            List.of(new Endpoint(address, port, Endpoint.State.READY))))));
    if (problem.isEmpty()) {
      assertThat(errors).isEmpty();
    } else {
      assertThat(errors)
          .singleElement()
          .asString()
          .startsWith("endpointSets[demo/service-1:3000].endpoints[0]." + problem);
    }
  }

  @Test
  void anEndpointThatIsReadyAndDrainingIsReady() {
    Endpoint ready = new Endpoint("10.0.0.1", 80, Endpoint.State.READY);
    Endpoint draining = new Endpoint("10.0.0.1", 80, Endpoint.State.DRAINING);
    assertThat(new EndpointSet(Samples.endpointSetKey(1), List.of(draining, ready)).endpoints())
        .containsExactly(ready);
  }

  @Test
  void certificatesArePem() {
    assertThat(ofCertificate(Samples.CHAIN, Samples.PRIVATE_KEY)).isEmpty();
    assertThat(
            ofCertificate(Samples.CHAIN.replace("\n", "\r\n"), Samples.PRIVATE_KEY.stripTrailing()))
        .isEmpty();
    assertThat(ofCertificate("", "hush"))
        .hasSize(2)
        .allSatisfy(text -> assertThat(text).doesNotContain("hush"))
        .anyMatch(text -> text.startsWith("certificates[demo/tls].chain: must be PEM"))
        .anyMatch(text -> text.startsWith("certificates[demo/tls].privateKey: must be one PKCS"));
    assertThat(ofCertificate(Samples.PRIVATE_KEY, Samples.CHAIN)).hasSize(2);
    assertThat(ofCertificate(Samples.CHAIN + "x", Samples.PRIVATE_KEY + Samples.PRIVATE_KEY))
        .hasSize(2);
    Certificate hosts =
        new Certificate(
            new CertificateKey("demo", "tls"),
            List.of("*.*.example", "A.example"),
            Samples.CHAIN,
            new Secret(Samples.PRIVATE_KEY));
    assertThat(texts(edited(b -> b.put(hosts)))).hasSize(2);
  }

  @Test
  void aChainThatIsNoneIsRefusedInLinearTime() {
    String block = Samples.CHAIN.repeat(2_000);
    assertThat(ofCertificate(block + "!", Samples.PRIVATE_KEY)).hasSize(1);
    assertThat(ofCertificate("\n".repeat(200_000), Samples.PRIVATE_KEY)).hasSize(1);
    String line = "-----BEGIN CERTIFICATE-----\n" + "A".repeat(200_000);
    assertThat(ofCertificate(line, Samples.PRIVATE_KEY)).hasSize(1);
  }

  @Test
  void settingsAreBounded() {
    Settings d = Settings.DEFAULT;
    Duration wrong = Duration.ofNanos(-1);
    Settings settings =
        new Settings(
            List.of(new Cidr("x/8")),
            d.forwardedHeaders(),
            d.proxyProtocol(),
            new Settings.ProcessDrain(wrong, wrong, wrong),
            d.accessLog(),
            new Settings.Bounds(0, 0, 0, -1, Duration.ZERO),
            new Settings.Tls(
                TlsVersion.TLS_1_3,
                TlsVersion.TLS_1_2,
                List.of("TLS_RSA_WITH_NULL_MD5"),
                new CertificateKey("demo", "nowhere"),
                new Settings.Hsts(wrong, true)),
            List.of(new Cidr("10.0.0.1/8")),
            new Settings.Http2(true, false, 0));
    assertThat(texts(edited(b -> b.settings(settings))))
        .extracting(text -> text.substring(0, text.indexOf(':')))
        .containsExactly(
            "settings.bounds.bodyBytes",
            "settings.bounds.headerBytes",
            "settings.bounds.headerCount",
            "settings.bounds.requestLineBytes",
            "settings.bounds.requestTimeout",
            "settings.http2.maxConcurrentStreams",
            "settings.processDrain.deadline",
            "settings.processDrain.delay",
            "settings.processDrain.window",
            "settings.proxyProtocolFrom[0]",
            "settings.tls.ciphers[0]",
            "settings.tls.defaultCertificate",
            "settings.tls.hsts.maxAge",
            "settings.tls.minVersion",
            "settings.trustedProxies[0]");
  }

  private static RoutingSnapshot edited(Consumer<SnapshotBuilder> edit) {
    return SnapshotBuilderTest.applied(VALID, List.of(edit));
  }

  /** Both ways of validating, which have to agree. */
  private static List<String> texts(RoutingSnapshot snapshot) {
    List<SnapshotError> errors = SnapshotValidator.validate(snapshot);
    assertThat(SnapshotValidator.validate(VALID, snapshot)).isEqualTo(errors);
    return errors.stream().map(SnapshotError::toString).toList();
  }

  private static List<String> ofKey(RuleKey key) {
    return texts(
        edited(
            b -> b.put(new LocationRule(key, Samples.source(0), new Unavailable("Invalid", "")))));
  }

  /** Errors of the key of a rule that is served. */
  private static List<String> ofServedKey(RuleKey key) {
    return texts(
        edited(
            b ->
                b.put(
                    new LocationRule(
                        key,
                        Samples.source(0),
                        new Forward(backend(1), Rewrite.NONE, b.policy(Policy.DEFAULT))))));
  }

  /** Errors of an action, from the field on. */
  private static List<String> ofAction(RuleAction action) {
    String prefix = "rules[a Exact /a].";
    return texts(
            edited(
                b ->
                    b.put(
                        new LocationRule(
                            new RuleKey("a", PathType.EXACT, "/a", Matches.NONE),
                            Samples.source(0),
                            action instanceof RuleAction.Served served
                                ? served.under(b.policy(Policy.DEFAULT))
                                : action))))
        .stream()
        .map(text -> text.substring(prefix.length()))
        .toList();
  }

  /** Errors of a policy, from the field on. */
  private static List<String> ofPolicy(Policy policy) {
    return texts(edited(b -> b.put(Samples.rule(1, backend(1), b.policy(policy))))).stream()
        .map(text -> text.substring(text.indexOf("].") + 2))
        .toList();
  }

  private static List<String> ofCertificate(String chain, String key) {
    CertificateKey name = new CertificateKey("demo", "tls");
    return texts(
        edited(b -> b.put(new Certificate(name, List.of("a.example"), chain, new Secret(key)))));
  }

  private static RuleAction forward(List<WeightedPool> backends, Rewrite rewrite) {
    return new Forward(backends, rewrite, "");
  }

  private static Rewrite rewrite(PathRewrite.Type type, String path, @Nullable String host) {
    return new Rewrite(new PathRewrite(type, path), host);
  }

  private static List<WeightedPool> backend(int pool) {
    return List.of(new WeightedPool(Samples.poolKey(pool), 1));
  }

  private static List<WeightedPool> weights(int... weights) {
    return IntStream.of(weights).mapToObj(w -> new WeightedPool(Samples.poolKey(1), w)).toList();
  }

  private static Policy closing(Duration deadline, int code) {
    return new TestPolicy().closing(deadline, code).build();
  }

  @Test
  void pingsLimitsAndWindowsHaveBounds() {
    Policy policy =
        new TestPolicy()
            .ping(Duration.ZERO, Duration.ofNanos(1), Towards.BOTH)
            .with(new Limits(-1, 100_000_001, 5, 0, -1, 0, 1))
            .draining(Duration.ofSeconds(-1), OnChange.KEEP, OnChange.CLOSE)
            .build();
    assertThat(ofPolicy(policy))
        .extracting(text -> text.substring(0, text.indexOf(':')))
        .containsExactlyInAnyOrder(
            "draining.window",
            "limits.connections",
            "limits.connectionsPerClient",
            "limits.handshakesBurst",
            "limits.messageBytes",
            "ping.interval",
            "ping.timeout");
  }

  @Test
  void whatIsOffHasOneForm() {
    Policy spelledOut = Policy.of(PartType.all().stream().map(PartType::standard).toList());
    assertThat(spelledOut).isEqualTo(Policy.DEFAULT);
    assertThat(Canonical.hash(spelledOut)).isEqualTo(Canonical.hash(Policy.DEFAULT));
  }

  @Test
  void aPoolIsChosenWatchedAndRelievedWithinBounds() {
    UpstreamPool pool =
        UpstreamPool.of(
            Samples.poolKey(1),
            Samples.endpointSetKey(1),
            UpstreamPool.Balancing.CONSISTENT_HASH,
            Duration.ZERO,
            UpstreamPool.Keepalive.DEFAULT,
            new UpstreamPool.HashOn(UpstreamPool.HashType.HEADER, "X-User"),
            new UpstreamPool.Affinity(
                "a b",
                Duration.ofSeconds(-1),
                "/a;b",
                UpstreamPool.SameSite.NONE,
                new Secret("short")),
            new UpstreamPool.HealthCheck(
                new UpstreamPool.Passive(0, Duration.ZERO, 101),
                new UpstreamPool.Active(
                    UpstreamPool.Probe.HTTP,
                    "/a b",
                    Duration.ofMillis(99),
                    Duration.ofMillis(100),
                    0,
                    101,
                    null),
                101),
            new UpstreamPool.EndpointLimit(0),
            new UpstreamPool.Rebalance(0, 101));
    String at = new EntryRef.Pool(Samples.poolKey(1)).path();
    assertThat(texts(edited(b -> b.put(pool))))
        .allSatisfy(text -> assertThat(text).startsWith(at).doesNotContain("short"))
        .extracting(text -> text.substring(at.length() + 1, text.indexOf(':', at.length())))
        .containsExactlyInAnyOrder(
            "affinity.cookie",
            "affinity.key",
            "affinity.path",
            "affinity.ttl",
            "hashOn.name",
            "health.active.healthyThreshold",
            "health.active.interval",
            "health.active.path",
            "health.active.timeout",
            "health.active.unhealthyThreshold",
            "health.panicThresholdPercent",
            "health.passive.consecutiveFailures",
            "health.passive.ejectFor",
            "health.passive.maxEjectedPercent",
            "maxConnectionsPerEndpoint",
            "rebalance",
            "rebalance.maxPerSecond",
            "rebalance.tolerancePercent");
  }

  private static Policy headers(String side, HeaderEdits edits) {
    return Policy.DEFAULT.with(
        side.equals("requestHeaders") ? new RequestHeaders(edits) : new ResponseHeaders(edits));
  }
}
