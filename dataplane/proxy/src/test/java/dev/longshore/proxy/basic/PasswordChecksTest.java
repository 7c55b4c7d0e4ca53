package dev.longshore.proxy.basic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.contract.HardLimits;
import dev.longshore.contract.Secret;
import dev.longshore.contract.policy.BasicAuth;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class PasswordChecksTest {
  private static final InetAddress GUESSER = InetAddress.ofLiteral("192.0.2.1");
  private static final InetAddress OTHER = InetAddress.ofLiteral("192.0.2.2");

  @Test
  void whoGuessesWaitsBehindHimselfAndGetsHisPlaceBack() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    try (PasswordChecks checks = new PasswordChecks()) {
      List<CompletableFuture<Boolean>> guesses = new ArrayList<>();
      for (int i = 0; i < HardLimits.PASSWORDS_WAITING_OF_CLIENT; i++) {
        guesses.add(Objects.requireNonNull(checks.check(GUESSER, () -> isOver(go))));
      }
      assertThat(checks.check(GUESSER, () -> true)).isNull();
      var other = Objects.requireNonNull(checks.check(OTHER, () -> true));

      // Who has gone is not checked.
      AtomicBoolean asked = new AtomicBoolean();
      var gone = Objects.requireNonNull(checks.check(OTHER, () -> asked.getAndSet(true)));
      gone.cancel(false);

      go.countDown();
      assertThat(other.get(30, TimeUnit.SECONDS)).isTrue();
      for (CompletableFuture<Boolean> guess : guesses) {
        assertThat(guess.get(30, TimeUnit.SECONDS)).isTrue();
      }
      CompletableFuture<Boolean> again = null;
      while (again == null) {
        again = checks.check(GUESSER, () -> true);
      }
      assertThat(again.get(30, TimeUnit.SECONDS)).isTrue();
      assertThat(asked).isFalse();
    }
  }

  private static boolean isOver(CountDownLatch go) {
    try {
      return go.await(30, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  @Test
  void bcryptOfItsTestVectorAndOnlyRightOnesAreRemembered() {
    Passwords passwords =
        new Passwords(
            new BasicAuth(
                "r", new Secret("a:$2y$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW")));
    assertThat(passwords.takesLong()).isTrue();
    assertThat(passwords.check("a:U*V")).isFalse();
    assertThat(passwords.check("b:U*U")).isFalse();
    assertThat(passwords.isKnown("a:U*V")).isFalse();
    assertThat(passwords.isKnown("b:U*U")).isFalse();
    assertThat(passwords.isKnown("a:U*U")).isFalse();
    assertThat(passwords.check("a:U*U")).isTrue();
    assertThat(passwords.isKnown("a:U*U")).isTrue();
  }
}
