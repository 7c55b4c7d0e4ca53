package dev.longshore.operator.translate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.longshore.api.v1alpha1.WebSocketRoute;
import dev.longshore.contract.LocationRule;
import dev.longshore.contract.RoutingSnapshot;
import dev.longshore.contract.RuleAction.Forward;
import dev.longshore.contract.RuleAction.Unavailable;
import dev.longshore.operator.publish.Publisher;
import dev.longshore.operator.source.Kind;
import dev.longshore.operator.source.ResourceRef;
import dev.longshore.operator.source.View;
import dev.longshore.operator.translate.claim.Claims;
import dev.longshore.operator.translate.claim.ClassName;
import dev.longshore.operator.translate.claim.Quota.Use;
import dev.longshore.operator.translate.claim.ResourceTranslator;
import dev.longshore.operator.translate.claim.TranslatorOptions;
import dev.longshore.operator.translate.route.RouteTranslator;
import dev.longshore.operator.translate.verdict.Problem;
import dev.longshore.process.watch.Watch;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** hostile.md 6: one resource at which a reader fails is closed alone. */
final class TranslatorFaultTest {
  private static final String ROUTE =
      """
      apiVersion: longshore.dev/v1alpha1
      kind: WebSocketRoute
      metadata: {name: NAME, namespace: demo}
      spec:
        hosts: [NAME.example.com]
        POLICY
        upstreams: [{name: pool, endpoints: [{address: 127.0.0.1, port: 3000}]}]
        locations: [{path: /NAME, pathType: Prefix, upstream: pool}]
      """;

  private final List<String> faults = new ArrayList<>();
  private @Nullable Throwable planted;
  private boolean placesToo;
  private final Translator translator =
      new Translator(
          TranslatorOptions.STANDALONE,
          Clock.systemUTC(),
          new ResourceTranslators(this::translator),
          (at, cause) -> faults.add(at + ": " + cause));

  /** Fails at the planted resource. */
  private final class Failing implements ResourceTranslator<WebSocketRoute> {
    private final RouteTranslator real = new RouteTranslator();

    @Override
    public Kind kind() {
      return real.kind();
    }

    @Override
    public ClassName className(WebSocketRoute route) {
      return real.className(route);
    }

    @Override
    public Claims read(WebSocketRoute route, Context context) {
      Throwable failure = planted;
      if (failure != null
          && context.claimant().ref().name().equals("poison")
          && (placesToo || Objects.requireNonNull(route.getSpec()).policy() != null)) {
        context.references().secret("asked");
        throw TranslatorFaultTest.<RuntimeException>sneaky(failure);
      }
      return real.read(route, context);
    }

    @Override
    public WebSocketRoute placesOnly(WebSocketRoute route) {
      return real.placesOnly(route);
    }

    @Override
    public Use atLeast(WebSocketRoute route) {
      return real.atLeast(route);
    }
  }

  private @Nullable ResourceTranslator<?> translator(Kind kind) {
    return kind == Kind.WEB_SOCKET_ROUTE ? new Failing() : ResourceTranslators.of(kind);
  }

  @SuppressWarnings("unchecked")
  private static <T extends Throwable> T sneaky(Throwable failure) throws T {
    throw (T) failure;
  }

  private static View with(View view, String name, String policy) {
    View now = view;
    for (HasMetadata each : Manifests.read(ROUTE.replace("NAME", name).replace("POLICY", policy))) {
      now = now.with(each);
    }
    return now;
  }

  private static LocationRule rule(RoutingSnapshot snapshot, String name) {
    for (var rule : snapshot.rules()) {
      if (rule.getKey().path().equals("/" + name)) {
        return rule.getValue();
      }
    }
    throw new AssertionError("no rule of " + name);
  }

  private static ResourceRef ref(String name) {
    return new ResourceRef(Kind.WEB_SOCKET_ROUTE, "demo", name);
  }

  private static Throwable failure(String kind) {
    return switch (kind) {
      case "overflow" -> new StackOverflowError();
      case "memory" -> new OutOfMemoryError("Java heap space");
      case "error" -> new NoClassDefFoundError("gone");
      default -> new IllegalStateException("a bug");
    };
  }

  @ParameterizedTest
  @ValueSource(strings = {"bug", "overflow", "memory", "error"})
  void itIsClosedInItsPlaceAndOthersGoOn(String kind) {
    planted = failure(kind);
    View view = with(View.EMPTY, "poison", "policy: {upgrade: Deny}");
    view = with(view, "good", "");
    Translation translation = translator.translate(view);
    assertThat(rule(translation.snapshot(), "good").action()).isInstanceOf(Forward.class);
    assertThat(rule(translation.snapshot(), "poison").action())
        .isInstanceOfSatisfying(
            Unavailable.class, closed -> assertThat(closed.message()).contains("a bug of"));
    assertThat(Objects.requireNonNull(translation.verdicts().get(ref("poison"))).problems())
        .extracting(Problem::reason)
        .containsExactly("Invalid");
    assertThat(faults).hasSize(1).first().asString().startsWith("WebSocketRoute demo/poison: ");
    assertThat(translator.failing()).containsExactly(ref("poison"));

    view = with(view, "later", "");
    translation = translator.translate(view);
    assertThat(rule(translation.snapshot(), "later").action()).isInstanceOf(Forward.class);
    assertThat(faults).as("it is not read again and again").hasSize(1);

    // What it refers to has changed: another chance.
    planted = null;
    view = with(view, "poison", "policy: {upgrade: Deny, }  # edited");
    view =
        view.with(
            new SecretBuilder()
                .withNewMetadata()
                .withNamespace("demo")
                .withName("asked")
                .endMetadata()
                .build());
    translation = translator.translate(view);
    assertThat(rule(translation.snapshot(), "poison").action()).isInstanceOf(Forward.class);
    assertThat(translator.failing()).isEmpty();
    assertThat(translation.snapshot())
        .isEqualTo(new Translator(TranslatorOptions.STANDALONE).translate(view).snapshot());
  }

  @Test
  void withoutAnyPlaceOthersGoOn() {
    planted = new StackOverflowError();
    placesToo = true;
    View view = with(with(View.EMPTY, "poison", ""), "good", "");
    Translation translation = translator.translate(view);
    assertThat(translation.snapshot().rules().size()).isEqualTo(1);
    assertThat(rule(translation.snapshot(), "good").action()).isInstanceOf(Forward.class);
    assertThat(translator.failing()).containsExactly(ref("poison"));
    translation = translator.translate(view.without(ref("poison")));
    assertThat(translator.failing()).isEmpty();
    assertThat(translation.verdicts().get(ref("poison"))).isNull();
  }

  @Test
  void itIsPublishedAndTheProcessStaysLive() {
    planted = new StackOverflowError();
    AtomicReference<RoutingSnapshot> published = new AtomicReference<>(RoutingSnapshot.EMPTY);
    Publisher.Listener listener =
        new Publisher.Listener() {
          @Override
          public void published(RoutingSnapshot snapshot) {
            published.set(snapshot);
          }

          @Override
          public void judged(Translation translation) {}
        };
    try (Watch watch = new Watch();
        Publisher publisher =
            new Publisher(translator::translate, listener, watch.part("publisher"))) {
      View view = with(View.EMPTY, "poison", "policy: {upgrade: Deny}");
      publisher.offer(view);
      publisher.offer(with(view, "good", ""));
      await().atMost(Duration.ofSeconds(60)).until(() -> published.get().rules().size() == 2);
      assertThat(watch.troubles()).isEmpty();
    }
  }
}
