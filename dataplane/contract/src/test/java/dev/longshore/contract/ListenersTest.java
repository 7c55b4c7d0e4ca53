package dev.longshore.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longshore.contract.Listener.Protocol;
import dev.longshore.contract.Listener.TlsVersions;
import dev.longshore.contract.Settings.TlsVersion;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Listeners as entries of a snapshot. */
class ListenersTest {
  private static final Listener PLAIN =
      new Listener("internal", null, 8090, Protocol.HTTP, List.of(), null, null);

  private static RoutingSnapshot with(Listener... listeners) {
    SnapshotBuilder builder = SnapshotBuilder.from(RoutingSnapshot.EMPTY);
    List.of(listeners).forEach(builder::put);
    return builder.build();
  }

  private static Listener plain(String name, @Nullable String address, int port, String... hosts) {
    return new Listener(name, address, port, Protocol.HTTP, List.of(hosts), null, null);
  }

  private static List<String> wrong(Listener... listeners) {
    return SnapshotValidator.validate(with(listeners)).stream().map(Object::toString).toList();
  }

  @Test
  void areWrittenAsTheyAre() throws Exception {
    RoutingSnapshot snapshot = with(Samples.listener(0, 8443), PLAIN);
    String json = text(SnapshotCodec.write(snapshot));
    assertThat(json)
        .endsWith(
            ",\"listeners\":["
                + "{\"name\":\"internal\",\"port\":8090,\"protocol\":\"HTTP\",\"hosts\":[]},"
                + "{\"name\":\"listener-0\",\"address\":\"192.0.2.1\",\"port\":8443,"
                + "\"protocol\":\"HTTPS\",\"hosts\":[\"*.example.com\",\"chat.example.com\"],"
                + "\"tls\":{\"min\":\"TLS_1_3\",\"max\":\"TLS_1_3\"},"
                + "\"proxyProtocolFrom\":[\"10.0.0.0/8\"]}]}");
    assertThat(SnapshotCodec.readSnapshot(bytes(json))).isEqualTo(snapshot);
    assertThat(SnapshotValidator.validate(snapshot)).isEmpty();
  }

  /** So that data planes and operators that don't know of any read what they always read. */
  @Test
  void aSnapshotWithoutAnySaysNothingOfThem() throws Exception {
    RoutingSnapshot empty = SnapshotBuilder.from(with(PLAIN)).removeListener("internal").build();
    assertThat(empty).isEqualTo(RoutingSnapshot.EMPTY);
    assertThat(empty.version()).isEqualTo(RoutingSnapshot.EMPTY.version());
    assertThat(text(SnapshotCodec.write(empty))).doesNotContain("listeners");
    SnapshotDelta delta = SnapshotDelta.between(Samples.snapshot(3), Samples.snapshot(4));
    assertThat(text(SnapshotCodec.write(delta))).doesNotContain("listeners");
  }

  @Test
  void aChangeIsADeltaOfItsOwn() throws Exception {
    RoutingSnapshot before = with(PLAIN, plain("other", null, 8091));
    RoutingSnapshot after =
        SnapshotBuilder.from(before)
            .removeListener("other")
            .put(plain("internal", null, 8092))
            .build();
    SnapshotDelta delta = SnapshotDelta.between(before, after);
    assertThat(delta.isEmpty()).isFalse();
    assertThat(delta.upserts().listeners()).containsExactly(plain("internal", null, 8092));
    assertThat(delta.removals().listeners()).containsExactly("other");
    assertThat(SnapshotCodec.readDelta(SnapshotCodec.write(delta)).applyTo(before))
        .isEqualTo(after);
    assertThat(after.version()).isNotEqualTo(before.version());
    assertThat(after.endpointsVersion()).isEqualTo(before.endpointsVersion());
    EntryRef entry = new EntryRef.OfListener("internal");
    assertThat(after.versionOf(entry)).isNotNull().isNotEqualTo(before.versionOf(entry));
    assertThat(RoutingSnapshot.EMPTY.versionOf(entry)).isNull();
  }

  @Test
  void theWantedOnesTakeThePlaceOfAll() {
    RoutingSnapshot before = with(PLAIN, plain("other", null, 8091));
    RoutingSnapshot wanted = with(plain("third", null, 8093), plain("other", null, 8091));
    assertThat(SnapshotBuilder.from(before).listeners(wanted.listeners()).build())
        .isEqualTo(wanted);
  }

  @Test
  void whatIsWrongIsNamed() {
    assertThat(wrong(plain("Internal", null, 8090)))
        .containsExactly(
            "listeners[Internal].name: is 'Internal'; must be a lower-case label such as"
                + " internal");
    assertThat(wrong(plain("a.b", null, 0))).hasSize(2);
    assertThat(wrong(plain("a", null, 65_536)))
        .containsExactly("listeners[a].port: is '65536'; must be 1 to 65535");
    assertThat(wrong(plain("a", "example.com", 1)))
        .containsExactly(
            "listeners[a].address: is 'example.com'; must be the IP literal of an address of the"
                + " machine");
    assertThat(wrong(plain("a", "224.0.0.1", 1))).hasSize(1);
    assertThat(wrong(plain("a", "::", 1), plain("b", "127.0.0.1", 2))).isEmpty();
    assertThat(wrong(plain("a", null, 1, "Chat.example.com", "*", "chat.example.com")))
        .hasSize(2)
        .allMatch(text -> text.contains("must be a lower-case host name"));
    TlsVersions backwards = new TlsVersions(TlsVersion.TLS_1_3, TlsVersion.TLS_1_2);
    assertThat(wrong(new Listener("a", null, 1, Protocol.HTTPS, List.of(), backwards, null)))
        .containsExactly("listeners[a].tls.min: is 'TLS_1_3'; must be no newer than max");
    TlsVersions newest = new TlsVersions(TlsVersion.TLS_1_3, TlsVersion.TLS_1_3);
    assertThat(wrong(new Listener("a", null, 1, Protocol.HTTP, List.of(), newest, null)))
        .containsExactly(
            "listeners[a].tls: is there, but the protocol is HTTP; must be absent, or that HTTPS");
    List<Cidr> many = Collections.nCopies(257, Cidr.parse("10.0.0.0/8"));
    assertThat(wrong(new Listener("a", null, 1, Protocol.HTTP, List.of(), null, many)))
        .containsExactly(
            "listeners[a].proxyProtocolFrom: has 257 entries; at most 256 are possible");
    String[] hosts =
        IntStream.rangeClosed(0, HardLimits.HOSTS_PER_LISTENER)
            .mapToObj(i -> "h" + i + ".example.com")
            .toArray(String[]::new);
    assertThat(wrong(plain("a", null, 1, hosts))).hasSize(1);
  }

  @Test
  void noTwoAreAfterOneSocket() {
    String told = "listeners[b].port: is 8090, on which listener a listens already";
    assertThat(wrong(plain("a", null, 8090), plain("b", null, 8090))).containsExactly(told);
    assertThat(wrong(plain("a", "192.0.2.1", 8090), plain("b", null, 8090))).containsExactly(told);
    assertThat(wrong(plain("a", "::", 8090), plain("b", "192.0.2.1", 8090))).containsExactly(told);
    assertThat(wrong(plain("a", "2001:db8::1", 8090), plain("b", "2001:DB8:0::1", 8090)))
        .containsExactly(told);
    assertThat(wrong(plain("a", "192.0.2.1", 8090), plain("b", "192.0.2.2", 8090))).isEmpty();
    assertThat(wrong(plain("a", null, 8090), plain("b", null, 8091))).isEmpty();
  }

  @Test
  void theyAreCounted() {
    SnapshotBuilder builder = SnapshotBuilder.from(RoutingSnapshot.EMPTY);
    for (int i = 0; i < HardLimits.LISTENERS; i++) {
      builder.put(plain("n" + i, null, 10_000 + i));
    }
    RoutingSnapshot most = builder.build();
    assertThat(SnapshotValidator.validate(most)).isEmpty();
    RoutingSnapshot more = builder.put(plain("zzz", null, 9_999)).build();
    assertThat(SnapshotValidator.validate(most, more))
        .isEqualTo(SnapshotValidator.validate(more))
        .extracting(Object::toString)
        .containsExactly("listeners[zzz]: is one too many: there can be 64 listeners");
  }

  @Test
  void oneNameIsThereOnce() throws Exception {
    String json = text(SnapshotCodec.write(with(PLAIN)));
    int start = json.indexOf("\"listeners\":[") + "\"listeners\":[".length();
    String entry = json.substring(start, json.lastIndexOf("]"));
    String twice = json.substring(0, start) + entry + "," + json.substring(start);
    assertThatThrownBy(() -> SnapshotCodec.readSnapshot(bytes(twice)))
        .hasMessage("listeners[1]: its key is there twice");
  }

  private static String text(byte[] json) {
    return new String(json, StandardCharsets.US_ASCII);
  }

  private static byte[] bytes(String json) {
    return json.getBytes(StandardCharsets.US_ASCII);
  }
}
