package dev.longshore.operator.translate;

import dev.longshore.api.v1alpha1.WebSocketRoute;
import dev.longshore.contract.Certificate;
import dev.longshore.contract.Certificate.CertificateKey;
import dev.longshore.contract.EndpointSetKey;
import dev.longshore.contract.PersistentMap;
import dev.longshore.contract.PoolKey;
import dev.longshore.contract.RuleKey;
import dev.longshore.operator.source.Kind;
import dev.longshore.operator.source.ResourceRef;
import dev.longshore.operator.source.View;
import dev.longshore.operator.translate.HostTable.Fate;
import dev.longshore.operator.translate.HostTable.Settlement;
import dev.longshore.operator.translate.TlsSecrets.KeyPair;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import java.time.Clock;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Translates views one after the other, each at a cost proportional to what changed since the one
 * before. The result depends on the view alone, never on the way to it; but for a warning of a
 * certificate that has expired, which comes when the certificate is read.
 *
 * <p>Not thread-safe: one thread, or one lock, at a time.
 */
public final class Translator {
  private static final Logger LOG = LoggerFactory.getLogger(Translator.class);

  private final TranslatorOptions options;
  private final Clock clock;
  private State state;

  /** A translator that has seen nothing yet. */
  public Translator(TranslatorOptions options) {
    this(options, Clock.systemUTC());
  }

  /**
   * A translator that has seen nothing yet.
   *
   * @param clock tells whether certificates have expired
   */
  Translator(TranslatorOptions options, Clock clock) {
    this.options = options;
    this.clock = clock;
    this.state = new State(options, clock);
  }

  /**
   * What the view means. Never throws for what manifests say: what can't be served is in the
   * verdicts.
   */
  public Translation translate(View view) {
    try {
      return state.translate(view);
    } catch (RuntimeException e) {
      // A bug. Half an update must not be built on: the next view is translated from nothing.
      state = new State(options, clock);
      throw e;
    }
  }

  /** Everything that is kept from one view to the next. */
  private static final class State {
    /** Who depends on what the configurations refer to: all of them, read as a whole. */
    private static final ResourceRef CLASSES = new ResourceRef(Kind.LONGSHORE_CONFIG, "", "");

    private final TranslatorOptions options;
    private final Clock clock;
    private final HostTable hosts = new HostTable();
    private final EndpointTracker endpoints;
    private final TableEditor table = new TableEditor();
    private final CertificateStore certificateStore = new CertificateStore();
    private final Map<ResourceRef, Claims> claims = new HashMap<>();
    private final Map<ResourceRef, Set<ResourceRef>> dependents = new HashMap<>();
    private View view = View.EMPTY;
    private @Nullable ServedClasses classes;
    private PersistentMap<ResourceRef, Verdict> verdicts = PersistentMap.empty();
    private PersistentMap<ResourceRef, ResourceRef> references = PersistentMap.empty();

    State(TranslatorOptions options, Clock clock) {
      this.options = options;
      this.clock = clock;
      this.endpoints = new EndpointTracker(options);
    }

    Translation translate(View newer) {
      View older = view;
      view = newer;
      Set<ResourceRef> toRead = new HashSet<>();
      Set<ResourceRef> toJudge = new HashSet<>();
      Set<CertificateKey> certificates = new HashSet<>();
      diff(older, toRead);
      readClasses(older, toRead, certificates);
      toRead.forEach(this::read);
      toJudge.addAll(toRead);

      Settlement settlement = hosts.settle();
      toJudge.addAll(settlement.resources());
      for (RuleKey key : settlement.rules()) {
        table.rule(key, hosts.winner(key));
      }
      certificates.addAll(settlement.certificates());
      certificates.forEach(this::putCertificate);
      for (EndpointSetKey key : endpoints.settle(view)) {
        table.touchSet(key);
        toJudge.addAll(endpoints.users(key));
      }
      toJudge.forEach(this::judge);
      endpoints.takeDirtySlices().forEach(this::judgeSlice);
      certificateStore.sweep();
      return new Translation(table.build(this::pool, endpoints::set), verdicts, references);
    }

    /** Classes and configurations are few, and concern everything: they are read as a whole. */
    private void readClasses(
        View older, Set<ResourceRef> toRead, Set<CertificateKey> certificates) {
      ServedClasses before = classes;
      boolean referencesChanged = toRead.remove(CLASSES);
      if (before != null
          && !referencesChanged
          && older.configs() == view.configs()
          && older.ingressClasses() == view.ingressClasses()) {
        return;
      }
      ServedClasses now = ServedClasses.of(view, options, clock.instant(), certificateStore);
      classes = now;
      if (before != null) {
        before.references().stream()
            .filter(reference -> !now.references().contains(reference))
            .forEach(reference -> forget(reference, CLASSES));
        addKey(before.defaultCertificate(), certificates);
      }
      now.references().forEach(reference -> depend(reference, CLASSES));
      addKey(now.defaultCertificate(), certificates);
      hosts.admission(now.admission());
      table.builder().settings(now.settings());
      if (before != null) {
        before.verdicts().keySet().stream()
            .filter(ref -> !now.verdicts().containsKey(ref))
            .forEach(ref -> verdicts = verdicts.without(ref));
      }
      now.verdicts().forEach((ref, verdict) -> verdicts = verdicts.with(ref, verdict));
      if (before == null
          || !before.bindings().equals(now.bindings())
          || !Objects.equals(before.defaultClass(), now.defaultClass())) {
        view.routes().forEach((ref, route) -> toRead.add(ref));
        view.ingresses().forEach((ref, ingress) -> toRead.add(ref));
      }
    }

    private static void addKey(TlsClaim.@Nullable Usable certificate, Set<CertificateKey> keys) {
      if (certificate != null) {
        keys.add(certificate.key());
      }
    }

    /** Finds what has to be read again. */
    private void diff(View older, Set<ResourceRef> toRead) {
      older.routes().diff(view.routes(), (ref, before, now) -> toRead.add(ref));
      older.ingresses().diff(view.ingresses(), (ref, before, now) -> toRead.add(ref));
      older
          .refused()
          .diff(
              view.refused(),
              (ref, before, now) -> {
                if (ref.kind() != Kind.LONGSHORE_CONFIG) {
                  toRead.add(ref);
                }
              });
      older
          .services()
          .diff(
              view.services(),
              (ref, before, now) -> {
                toRead.addAll(dependents.getOrDefault(ref, Set.of()));
                endpoints.service(ref);
              });
      older
          .secrets()
          .diff(
              view.secrets(),
              (ref, before, now) -> toRead.addAll(dependents.getOrDefault(ref, Set.of())));
      older
          .configMaps()
          .diff(
              view.configMaps(),
              (ref, before, now) -> toRead.addAll(dependents.getOrDefault(ref, Set.of())));
      older.endpointSlices().diff(view.endpointSlices(), endpoints::slice);
    }

    private void read(ResourceRef ref) {
      Claims older = claims.get(ref);
      Claims newer = claimsOf(ref);
      if (Objects.equals(older, newer)) {
        return;
      }
      hosts.replace(older, newer);
      endpoints.replace(ref, older, newer);
      if (older != null) {
        older.pools().keySet().forEach(table::touchPool);
        older.pools().values().forEach(pool -> table.touchSet(pool.pool().endpoints()));
        older.references().stream()
            .filter(reference -> newer == null || !newer.references().contains(reference))
            .forEach(reference -> forget(reference, ref));
      }
      if (newer == null) {
        claims.remove(ref);
        return;
      }
      newer.pools().keySet().forEach(table::touchPool);
      newer.pools().values().forEach(pool -> table.touchSet(pool.pool().endpoints()));
      newer.references().forEach(reference -> depend(reference, ref));
      claims.put(ref, newer);
    }

    private void depend(ResourceRef reference, ResourceRef dependent) {
      dependents.computeIfAbsent(reference, added -> new HashSet<>()).add(dependent);
      if (reference.kind() == Kind.SECRET || reference.kind() == Kind.CONFIG_MAP) {
        references = references.with(reference, reference);
      }
    }

    private void forget(ResourceRef reference, ResourceRef dependent) {
      Set<ResourceRef> left = Objects.requireNonNull(dependents.get(reference));
      left.remove(dependent);
      if (left.isEmpty()) {
        dependents.remove(reference);
        references = references.without(reference);
        certificateStore.forget(reference);
      }
    }

    /** The claims of a resource; null when it is gone or not served here. */
    private @Nullable Claims claimsOf(ResourceRef ref) {
      HasMetadata resource = view.get(ref);
      ClassBinding binding =
          resource == null ? null : Objects.requireNonNull(classes).bind(className(resource));
      if (resource == null || binding == null) {
        return null;
      }
      Claimant claimant = Claimant.of(ref, resource);
      Problems problems = new Problems();
      problems.parse("metadata.name", () -> Names.object(ref.name()));
      problems.parse("metadata.namespace", () -> Names.label(ref.namespace()));
      if (problems.hasFault()) {
        return Claims.none(claimant, problems);
      }
      References references = 
          new References(view, ref.namespace(), clock.instant(), certificateStore);
      try {
        Claims read =
            switch (resource) {
              case WebSocketRoute route ->
                  RouteReader.read(claimant, route, binding, references, options);
              case Ingress ingress ->
                  IngressReader.read(claimant, ingress, binding, references, options);
              default -> throw new IllegalArgumentException(ref + " has no rules");
            };
        String refused = view.refused().get(ref);
        return SnapshotRules.hold(refused == null ? read : read.refused(refused));
      } catch (RuntimeException e) {
        // A bug, which must not keep everybody else's changes from being served.
        LOG.error("{} can't be read", ref, e);
        problems.fault(Reason.INVALID, "spec", "can't be read, which is a bug of the operator");
        return Claims.none(claimant, problems);
      }
    }

    private static @Nullable String className(HasMetadata resource) {
      return switch (resource) {
        case WebSocketRoute route ->
            route.getSpec() == null ? null : route.getSpec().ingressClassName();
        case Ingress ingress -> IngressClassNames.of(ingress);
        default -> null;
      };
    }

    private void putCertificate(CertificateKey key) {
      Certificate certificate = hosts.certificate(key);
      TlsClaim.Usable byDefault = Objects.requireNonNull(classes).defaultCertificate();
      if (certificate != null) {
        table.builder().put(certificate);
      } else if (byDefault != null && byDefault.key().equals(key)) {
        KeyPair pair = byDefault.pair();
        table.builder().put(new Certificate(key, List.of(), pair.chain(), pair.privateKey()));
      } else {
        table.builder().removeCertificate(key);
      }
    }

    private PoolClaim pool(PoolKey key) {
      Kind kind = key.kind().equals(Kind.INGRESS.label()) ? Kind.INGRESS : Kind.WEB_SOCKET_ROUTE;
      Claims declaring =
          Objects.requireNonNull(
              claims.get(new ResourceRef(kind, key.namespace(), key.resource())));
      return Objects.requireNonNull(declaring.pools().get(key));
    }

    private void judge(ResourceRef ref) {
      Claims own = claims.get(ref);
      Verdict verdict = own != null ? verdict(own) : notServed(ref);
      verdicts = verdict == null ? verdicts.without(ref) : verdicts.with(ref, verdict);
    }

    private Verdict verdict(Claims own) {
      VerdictBuilder builder = new VerdictBuilder();
      builder.addAll(own.problems());
      for (RuleClaim rule : own.rules()) {
        switch (hosts.fate(own.claimant(), rule)) {
          case Fate.Served() -> builder.served();
          case Fate.Refused(Problem problem) -> builder.add(problem);
          case Fate.Lost(Problem problem) -> builder.add(problem);
          case Fate.Superseded() -> {}
        }
      }
      for (TlsClaim tls : own.tls()) {
        Problem problem = hosts.tlsProblem(own.claimant(), tls);
        if (problem != null) {
          builder.add(problem);
        }
      }
      own.pools().values().stream()
          .filter(pool -> !endpoints.isReady(pool))
          .sorted(Comparator.comparing(PoolClaim::fieldPath))
          .forEach(pool -> builder.add(notReady(pool)));
      own.unresolved()
          .forEach(
              path ->
                  builder.add(
                      Problem.warning(
                          Reason.NO_ENDPOINTS, path, "is not resolved, so it has no endpoint")));
      return builder.build();
    }

    private static Problem notReady(PoolClaim pool) {
      EndpointSetKey set = pool.pool().endpoints();
      return Problem.warning(
          Reason.NO_ENDPOINTS,
          pool.fieldPath(),
          "no endpoint of Service "
              + set.namespace()
              + "/"
              + set.service()
              + " port "
              + set.port()
              + " is ready: look at its EndpointSlices");
    }

    /**
     * In a folder everything is meant for us, so what isn't is said; in a cluster it isn't ours.
     */
    private @Nullable Verdict notServed(ResourceRef ref) {
      HasMetadata resource = view.get(ref);
      if (resource == null || !options.standalone()) {
        return null;
      }
      Problems problems = new Problems();
      String name = className(resource);
      problems.warn(
          Reason.NOT_SERVED,
          "spec.ingressClassName",
          name == null
              ? "is missing, and no IngressClass of this controller is the default: write "
                  + TranslatorOptions.INGRESS_CLASS
              : Quote.of(name)
                  + " is not an IngressClass of controller "
                  + options.controller()
                  + ": the resource is left to its own controller");
      return VerdictBuilder.ofProblems(problems);
    }

    private void judgeSlice(ResourceRef ref) {
      Problems problems = endpoints.judge(ref, view.endpointSlices().get(ref));
      verdicts =
          problems.hasFault()
              ? verdicts.with(ref, VerdictBuilder.ofProblems(problems))
              : verdicts.without(ref);
    }
  }
}
