package dev.longshore.operator.pki;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Date;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Rotation over three years, with a clock that is stepped. */
class TrustTest {
  private static final List<String> NAMES =
      List.of("longshore-operator-push.longshore-system.svc", "longshore-operator-push");

  private Instant now = Instant.parse("2026-11-22T00:00:00Z");
  private final Clock clock = ((InstantSource) () -> now).withZone(ZoneOffset.UTC);
  private final MemoryStore store = new MemoryStore();
  private boolean leads = true;

  @Test
  void theLeaderMakesAnAuthorityAndEveryReplicaACertificate() throws Exception {
    leads = false;
    Trust follower = trust();
    follower.tend();
    assertThat(follower.get()).isNull();
    leads = true;
    Trust leader = trust();
    leader.tend();
    leads = false;
    follower.tend();
    X509Certificate one = leaf(leader);
    X509Certificate other = leaf(follower);
    assertThat(one.getSerialNumber()).isNotEqualTo(other.getSerialNumber());
    assertThat(other.getIssuerX500Principal()).isEqualTo(one.getIssuerX500Principal());
    assertThat(
            one.getSubjectAlternativeNames().stream()
                .map(name -> String.valueOf(name.get(1)))
                .toList())
        .isEqualTo(NAMES);
    assertThat(one.getExtendedKeyUsage()).containsExactly("1.3.6.1.5.5.7.3.1");
    assertThat(one.getBasicConstraints()).isEqualTo(-1);
    assertThat(one.getPublicKey().getAlgorithm()).isEqualTo("EC");
    assertThat(store.bundle()).containsExactlyElementsOf(certificates());
  }

  /**
   * Every three hours of three years: who trusts what was published a day ago can verify everybody.
   */
  @Test
  void nobodyIsEverCut() throws Exception {
    Trust leader = trust();
    Trust follower = trust();
    leader.tend();
    follower.tend();
    Set<X509Certificate> authorities = new HashSet<>();
    Set<X509Certificate> served = new HashSet<>();
    List<X509Certificate> dayOld = store.bundle();
    for (int hour = 0; hour < 3 * 365 * 24; hour += 3) {
      now = now.plus(Duration.ofHours(3));
      if (hour % 24 == 0) {
        dayOld = store.bundle();
      }
      leader.tend();
      // A replica that sleeps most of the day still serves what is good.
      if (hour % 7 == 0) {
        follower.tend();
      }
      authorities.addAll(store.bundle());
      for (Trust one : List.of(leader, follower)) {
        served.add(leaf(one));
        verify(leaf(one), dayOld);
        verify(leaf(one), store.bundle());
      }
      assertThat(store.bundle()).hasSizeBetween(1, 2);
    }
    assertThat(authorities).hasSize(5);
    assertThat(served.size()).isBetween(2 * 3 * 365, 2 * 2 * 3 * 365);
    assertThat(store.writes).isLessThan(12);
  }

  @Test
  void ofTwoReplicasThatStartAtOnceOneMakesTheAuthority() {
    Trust other = trust();
    store.beforeWrite = other::tend;
    Trust one = trust();
    one.tend();
    assertThat(store.writes).isEqualTo(1);
    assertThat(leaf(one).getIssuerX500Principal()).isEqualTo(leaf(other).getIssuerX500Principal());
    assertThat(store.bundle()).hasSize(1);
  }

  @Test
  void whenTheAuthorityIsDeletedAnotherIsMadeAndUsed() throws Exception {
    Trust leader = trust();
    leader.tend();
    X509Certificate before = leaf(leader);
    store.authorities = Authorities.NONE;
    store.revision = 0;
    leader.tend();
    assertThat(leaf(leader)).isNotEqualTo(before);
    verify(leaf(leader), store.bundle());
    assertThatThrownBy(() -> verify(before, store.bundle())).isInstanceOf(Exception.class);
  }

  @Test
  void aFollowerWritesNothing() {
    leads = false;
    trust().tend();
    assertThat(store.writes).isZero();
    assertThat(store.published).isNull();
  }

  @Test
  void whatIsStoredIsReadBackAndNothingElseIs() throws Exception {
    Authority authority = Authority.create(clock.instant(), Duration.ofDays(1));
    Authority other = Authority.create(clock.instant(), Duration.ofDays(1));
    String certificate = AuthorityPem.of(List.of(authority.certificate()));
    Authority read = Authority.read(certificate, AuthorityPem.of(authority.key()));
    assertThat(read.certificate()).isEqualTo(authority.certificate());
    assertThat(read.created()).isEqualTo(clock.instant());
    assertThat(read.toString()).doesNotContain("PRIVATE").contains("Longshore operator CA");
    assertThatThrownBy(() -> Authority.read(certificate, AuthorityPem.of(other.key())))
        .hasMessage("its key is not that of its certificate");
    assertThatThrownBy(() -> Authority.read("nonsense", AuthorityPem.of(other.key())))
        .isInstanceOf(GeneralSecurityException.class);
    assertThatThrownBy(() -> Authority.read(certificate, "nonsense"))
        .hasMessageContaining("no private key in PEM");
    ServerIdentity leaf = authority.issue(NAMES, clock.instant(), Duration.ofHours(1));
    assertThatThrownBy(
            () ->
                Authority.read(
                    AuthorityPem.of(List.of(leaf.chain().getFirst())), AuthorityPem.of(leaf.key())))
        .hasMessage("its certificate is not that of an authority");
    assertThatCode(() -> AuthorityPem.certificate(certificate)).doesNotThrowAnyException();
  }

  private Trust trust() {
    return new Trust(store, NAMES, () -> leads, clock);
  }

  private void verify(X509Certificate leaf, List<X509Certificate> trusted) throws Exception {
    leaf.checkValidity(Date.from(clock.instant()));
    X509Certificate issuer =
        trusted.stream()
            .filter(one -> one.getSubjectX500Principal().equals(leaf.getIssuerX500Principal()))
            .findFirst()
            .orElseThrow(() -> new AssertionError("nobody trusts the issuer of " + leaf));
    issuer.checkValidity(Date.from(clock.instant()));
    leaf.verify(issuer.getPublicKey());
  }

  private List<X509Certificate> certificates() {
    return store.authorities.all().stream().map(Authority::certificate).toList();
  }

  private static X509Certificate leaf(Trust trust) {
    return Objects.requireNonNull(trust.get()).chain().getFirst();
  }

  /** With the optimistic concurrency of an API server. */
  private static final class MemoryStore implements AuthorityStore {
    Authorities authorities = Authorities.NONE;
    int revision;
    int writes;
    @Nullable String published;
    @Nullable Runnable beforeWrite;

    @Override
    public Stored read() {
      return new Stored(authorities, revision == 0 ? "" : Integer.toString(revision));
    }

    @Override
    public boolean write(Stored before, Authorities after) {
      Runnable interruption = beforeWrite;
      if (interruption != null) {
        beforeWrite = null;
        interruption.run();
      }
      if (!before.revision().equals(read().revision())) {
        return false;
      }
      authorities = after;
      revision = ++writes;
      return true;
    }

    @Override
    public void publish(String bundle) {
      published = bundle;
    }

    List<X509Certificate> bundle() {
      return Objects.requireNonNull(published)
          .transform(
              pem -> {
                List<X509Certificate> found = new ArrayList<>();
                for (String one : pem.split("(?<=-----END CERTIFICATE-----\n)")) {
                  try {
                    found.add(AuthorityPem.certificate(one));
                  } catch (GeneralSecurityException e) {
                    throw new AssertionError(e);
                  }
                }
                return found;
              });
    }
  }
}
