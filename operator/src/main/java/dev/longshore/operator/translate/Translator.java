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
import dev.longshore.operator.translate.Containment.Level;
import dev.longshore.operator.translate.HostTable.Fate;
import dev.longshore.operator.translate.HostTable.Settlement;
import dev.longshore.operator.translate.Quota.Use;
import dev.longshore.operator.translate.QuotaLedger.Standing;
import dev.longshore.operator.translate.TlsSecrets.KeyPair;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Consumer;
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
  private static final String CLASS_FIELD = "spec.ingressClassName";

  private final Containment<State> containment;

  /** The classes as they were read last, should a configuration not be readable at all. */
  private @Nullable ServedClasses lastClasses;

  /** Hears of faults of ours that manifests bring to light; on the translator's thread. */
  @FunctionalInterface
  public interface Faults {
    /**
     * Something failed that should not whatever manifests say.
     *
     * @param at the resource that was worked on, and that is closed alone if it fails again; null:
     *     no one resource
     */
    void failed(@Nullable ResourceRef at, Throwable cause);
  }

  /** A translator that has seen nothing yet; faults are logged. */
  public Translator(TranslatorOptions options) {
    this(options, Clock.systemUTC());
  }

  /** A translator that has seen nothing yet. */
  public Translator(TranslatorOptions options, Faults faults) {
    this(options, Clock.systemUTC(), ResourceReader.BY_KIND, faults);
  }

  /**
   * A translator that has seen nothing yet.
   *
   * @param clock tells whether certificates have expired
   */
  Translator(TranslatorOptions options, Clock clock) {
    this(
        options,
        clock,
        ResourceReader.BY_KIND,
        (at, cause) -> LOG.error("a fault of the translator at {}", at, cause));
  }

  Translator(TranslatorOptions options, Clock clock, ResourceReader reader, Faults faults) {
    this.containment =
        new Containment<>(levels -> new State(options, clock, reader, faults, levels), faults);
  }

  /**
   * What the view means. Never throws for what manifests say: what can't be served is in the
   * verdicts. What can't even be read, for a fault of ours, is closed alone.
   */
  public Translation translate(View view) {
    return containment.translate(view);
  }

  /** Whether an annotation of that key can mean anything here. */
  public static boolean reads(String annotation) {
    return annotation.startsWith(IngressAnnotations.PREFIX)
        || annotation.equals(IngressClassNames.LEGACY)
        || annotation.equals(ServedClasses.IS_DEFAULT)
        || ForeignTable.get().knows(annotation.substring(0, annotation.indexOf('/') + 1));
  }

  /** The namespaces that are nearest to their quotas, at most 20. */
  public List<QuotaShare> quotaShares() {
    return containment.current().ledger.shares();
  }

  /** The resources that are closed because they bring a fault of ours to light. */
  public SortedSet<ResourceRef> failing() {
    SortedSet<ResourceRef> failing = new TreeSet<>(containment.current().failing);
    failing.addAll(containment.held());
    return failing;
  }

  /** Everything that is kept from one view to the next. */
  private final class State implements Containment.Attempt {
    /** What the owner of a resource hears that brings a fault of ours to light. */
    private static final Problem BUG =
        Problem.warning(
            Reason.INVALID,
            "spec",
            "can't be read, which is a bug of the operator: please report it");

    /** Who depends on what the configurations refer to: all of them, read as a whole. */
    private static final ResourceRef CLASSES = new ResourceRef(Kind.LONGSHORE_CONFIG, "", "");

    private final TranslatorOptions options;
    private final Clock clock;
    private final HostTable hosts = new HostTable();
    private final EndpointTracker endpoints;
    private final TableEditor table = new TableEditor();
    private final ResourceReader reader;
    private final Faults faults;
    private final Containment<State> containment;
    private final Set<ResourceRef> failing = new HashSet<>();
    private CertificateStore certificateStore = new CertificateStore();
    private @Nullable ResourceRef working;
    private final QuotaLedger ledger;

    /** Read for the ledger in this translation, and not yet put where they belong. */
    private final Map<ResourceRef, Claims> fresh = new HashMap<>();

    /** What those refer to that are beyond their quota: a change may make room. */
    private final Map<ResourceRef, Weighed> weighed = new HashMap<>();

    private final Map<ResourceRef, Claims> claims = new HashMap<>();
    private final Map<ResourceRef, Set<ResourceRef>> dependents = new HashMap<>();
    private View view = View.EMPTY;
    private @Nullable ServedClasses classes;
    private PersistentMap<ResourceRef, Verdict> verdicts = PersistentMap.empty();
    private PersistentMap<ResourceRef, ResourceRef> references = PersistentMap.empty();

    State(
        TranslatorOptions options,
        Clock clock,
        ResourceReader reader,
        Faults faults,
        Containment<State> containment) {
      this.options = options;
      this.clock = clock;
      this.reader = reader;
      this.faults = faults;
      this.containment = containment;
      this.endpoints = new EndpointTracker(options, faults);
      this.ledger = new QuotaLedger(Quotas.unless(options.standalone()));
    }

    @Override
    public @Nullable ResourceRef working() {
      return working;
    }

    @Override
    public Translation translate(View newer) {
      View older = view;
      view = newer;
      Set<ResourceRef> toRead = new HashSet<>();
      Set<ResourceRef> toJudge = new HashSet<>();
      Set<CertificateKey> certificates = new HashSet<>();
      diff(older, toRead);
      readClasses(older, toRead, certificates);
      each(toRead, this::account);
      endpoints.takeGrown().forEach(this::countEndpoints);
      toRead.addAll(ledger.settle(new Scales()));
      each(toRead, this::read);
      fresh.clear();
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
      each(toJudge, this::judge);
      each(endpoints.takeDirtySlices(), this::judgeSlice);
      certificateStore.sweep();
      return new Translation(
          table.build(this::pool, endpoints::set),
          verdicts,
          references,
          hosts.holders(),
          Objects.requireNonNull(classes).admission().grace());
    }

    /** Remembers which one it is at, should it throw. */
    private void each(Set<ResourceRef> all, Consumer<ResourceRef> task) {
      for (ResourceRef ref : all) {
        working = ref;
        task.accept(ref);
      }
      working = null;
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
      ServedClasses now = classesNow();
      classes = now;
      lastClasses = now;
      if (before != null) {
        before.references().stream()
            .filter(reference -> !now.references().contains(reference))
            .forEach(reference -> forget(reference, CLASSES));
        addKey(before.defaultCertificate(), certificates);
      }
      now.references().forEach(reference -> depend(reference, CLASSES));
      addKey(now.defaultCertificate(), certificates);
      hosts.admission(now.admission());
      ledger.quotas(now.quotas());
      hosts.handshakesEverywhere(
          now.defaultCertificate() != null || !now.settings().trustedProxies().isEmpty());
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

    private ServedClasses classesNow() {
      try {
        return ServedClasses.of(view, options, clock.instant(), certificateStore);
      } catch (RuntimeException | StackOverflowError e) {
        ServedClasses last = lastClasses;
        if (last == null) {
          throw e;
        }
        // Nothing is more open than before, and routes go on.
        faults.failed(CLASSES, e);
        certificateStore = new CertificateStore();
        Problems problems = new Problems();
        problems.fault(
            Reason.INVALID,
            "spec",
            "can't be read, which is a bug of the operator: what was read" + " before stays");
        return last.judged(view, VerdictBuilder.ofConfig(problems));
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
          .unheld()
          .diff(
              view.unheld(),
              (ref, before, now) -> {
                switch (ref.kind()) {
                  case WEB_SOCKET_ROUTE, INGRESS -> toRead.add(ref);
                  case ENDPOINT_SLICE -> endpoints.unheld(ref);
                  default -> toRead.addAll(dependents.getOrDefault(ref, Set.of()));
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
      older
          .surroundings()
          .places()
          .diff(view.surroundings().places(), (ref, before, now) -> toRead.add(ref));
      hosts.tenures(view.surroundings().tenures());
      endpoints.own(view.surroundings().own());
    }

    private void account(ResourceRef ref) {
      HasMetadata resource = view.get(ref);
      weighed.remove(ref);
      if (resource == null || Objects.requireNonNull(classes).bind(className(resource)) == null) {
        ledger.put(ref, null, Use.NONE);
      } else if (containment.level(ref) != null) {
        ledger.put(
            ref, containment.level(ref) == Level.UNSEEN ? null : claimant(ref, resource), Use.NONE);
      } else {
        ledger.put(ref, claimant(ref, resource), Demand.atLeast(resource));
      }
    }

    private void countEndpoints(ResourceRef service) {
      for (ResourceRef ref : dependents.getOrDefault(service, Set.of())) {
        Weighed known = weighed.get(ref);
        if (known != null) {
          ledger.endpoints(ref, endpoints.atMost(known.sets()) + known.fixed());
        }
      }
    }

    /**
     * What is remembered of a resource that was read.
     *
     * @param references what it looked for
     * @param sets the endpoint sets of its pools, one for each
     * @param fixed endpoints that it lists itself
     */
    private record Weighed(Set<ResourceRef> references, List<EndpointSetKey> sets, long fixed) {
      static Weighed of(Claims claims) {
        List<EndpointSetKey> sets = new ArrayList<>();
        long fixed = 0;
        for (PoolClaim pool : claims.pools().values()) {
          if (pool.fixed() == null) {
            sets.add(pool.pool().endpoints());
          } else {
            fixed += pool.fixed().endpoints().size();
          }
        }
        return new Weighed(claims.references(), List.copyOf(sets), fixed);
      }
    }

    private final class Scales implements QuotaLedger.Reader {
      @Override
      public Use read(ResourceRef ref) {
        Claims read = Objects.requireNonNull(claimsOf(ref));
        Weighed known = Weighed.of(read);
        weighed.put(ref, known);
        fresh.put(ref, read);
        return Demand.of(read, endpoints.atMost(known.sets) + known.fixed);
      }

      @Override
      public void drop(ResourceRef ref) {
        fresh.remove(ref);
      }
    }

    /** The claims of a resource, as far as its namespace has room for them. */
    private @Nullable Claims admitted(ResourceRef ref) {
      HasMetadata resource = view.get(ref);
      Claims read = fresh.get(ref);
      return switch (ledger.standing(ref)) {
        case Standing.Within() -> read == null ? claimsOf(ref) : read;
        case Standing.Beyond(Problem problem, boolean places) -> {
          if (resource == null) {
            yield null;
          }
          if (!places) {
            Weighed known = weighed.get(ref);
            yield Claims.nothing(
                claimant(ref, resource), problem, known == null ? Set.of() : known.references());
          }
          Claims whole = read == null ? claimsOf(ref) : read;
          yield whole == null ? null : whole.beyond(problem);
        }
      };
    }

    private void read(ResourceRef ref) {
      Claims older = claims.get(ref);
      Claims newer = admitted(ref);
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

    private Claimant claimant(ResourceRef ref, HasMetadata resource) {
      return Claimant.of(ref, resource, view.surroundings().places().get(ref));
    }

    /** The claims of a resource; null when it is gone or not served here. */
    private @Nullable Claims claimsOf(ResourceRef ref) {
      HasMetadata resource = view.get(ref);
      ClassBinding binding =
          resource == null ? null : Objects.requireNonNull(classes).bind(className(resource));
      if (resource == null || binding == null) {
        return null;
      }
      Level level = containment.level(ref);
      if (level != null) {
        return held(ref, resource, level);
      }
      Claimant claimant = claimant(ref, resource);
      String noRoom = view.unheld().get(ref);
      if (noRoom != null) {
        Problem problem = Problem.warning(Reason.NOT_ALLOWED, "spec", noRoom);
        return Claims.nothing(claimant, problem, Set.of());
      }
      Problems problems = new Problems();
      problems.parse("metadata.name", () -> Names.object(ref.name()));
      problems.parse("metadata.namespace", () -> Names.label(ref.namespace()));
      if (problems.hasFault()) {
        return Claims.none(claimant, problems);
      }
      References references = references(ref);
      try {
        Claims read = reader.read(claimant, resource, binding, references, options);
        String refused = view.refused().get(ref);
        return SnapshotRules.hold(refused == null ? read : read.refused(refused));
      } catch (RuntimeException | Error e) {
        failing.add(ref);
        faults.failed(ref, own(e));
        if (e instanceof Error) {
          // It may have been interrupted anywhere.
          certificateStore = new CertificateStore();
        }
        return closed(claimant, resource, references.asked());
      }
    }

    /**
     * A bug, which must not keep everybody else's changes from being served: the places stay, and
     * answer 503.
     */
    private Claims closed(Claimant claimant, HasMetadata resource, Set<ResourceRef> asked) {
      try {
        References none = references(claimant.ref());
        Claims places =
            reader.read(claimant, PlacesOnly.of(resource), ClassBinding.PLAIN, none, options);
        return SnapshotRules.hold(places.closed(BUG, asked));
      } catch (RuntimeException | Error e) {
        faults.failed(claimant.ref(), own(e));
        return Claims.nothing(claimant, BUG, asked);
      }
    }

    private @Nullable Claims held(ResourceRef ref, HasMetadata resource, Level level) {
      return switch (level) {
        case CLOSED -> closed(claimant(ref, resource), resource, Set.of());
        case WITHOUT_RULES -> Claims.nothing(claimant(ref, resource), BUG, Set.of());
        case UNSEEN -> null;
      };
    }

    private References references(ResourceRef ref) {
      return new References(view, ref.namespace(), clock.instant(), certificateStore);
    }

    /** One that asks for more memory than there is takes nobody else's: it says so as its own. */
    private static Throwable own(Throwable cause) {
      return cause instanceof OutOfMemoryError
          ? new IllegalStateException("takes more memory than there is: " + cause.getMessage())
          : cause;
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
      if (own == null || !own.problems().contains(BUG)) {
        failing.remove(ref);
      }
      Verdict verdict =
          own != null
              ? verdict(own)
              : containment.level(ref) != null ? VerdictBuilder.ofBug(BUG) : notServed(ref);
      verdicts = verdict == null ? verdicts.without(ref) : verdicts.with(ref, verdict);
    }

    private Verdict verdict(Claims own) {
      VerdictBuilder builder = new VerdictBuilder();
      builder.addAll(own.problems());
      Problem nearly = ledger.warning(own.claimant().ref());
      if (nearly != null) {
        builder.add(nearly);
      }
      for (RuleClaim rule : own.rules()) {
        builder.owner(hosts.owner(rule.key().host()));
        switch (hosts.fate(own.claimant(), rule)) {
          case Fate.Served() -> {
            if (leadsElsewhere(own, rule)) {
              builder.served();
            }
          }
          case Fate.Refused(Problem problem) -> builder.refused(problem);
          case Fate.Lost(Problem problem) -> builder.add(problem);
          case Fate.Superseded() -> {}
        }
      }
      for (TlsClaim tls : own.tls()) {
        builder.owner(hosts.owner(tls.host()));
        Problem problem = hosts.tlsProblem(own.claimant(), tls);
        if (problem != null) {
          builder.add(problem);
        }
      }
      own.pools().values().stream()
          .filter(pool -> endpoints.refused(pool) != null)
          .sorted(Comparator.comparing(PoolClaim::fieldPath))
          .forEach(pool -> builder.add(refused(pool, String.valueOf(endpoints.refused(pool)))));
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

    /** Whether a rule has a pool that isn't Longshore itself. */
    private boolean leadsElsewhere(Claims own, RuleClaim rule) {
      return !(rule.outcome() instanceof Outcome.Serve serve)
          || serve.backends().stream()
              .map(backend -> own.pools().get(backend.pool()))
              .anyMatch(pool -> pool == null || !endpoints.isRefused(pool));
    }

    private static Problem refused(PoolClaim pool, String endpoint) {
      return Problem.warning(
          Reason.NOT_ALLOWED,
          pool.fieldPath(),
          "endpoint "
              + endpoint
              + " is Longshore itself, so a request would come back again and again; it is left"
              + " out: name a backend");
    }

    private Problem notReady(PoolClaim pool) {
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
              + " is ready"
              + (endpoints.set(set).endpoints().isEmpty()
                  ? ": look at its EndpointSlices"
                  : "; those that are terminating get connections as a last resort"));
    }

    /** In a folder what isn't for us is said; in a cluster it isn't ours to judge. */
    private @Nullable Verdict notServed(ResourceRef ref) {
      HasMetadata resource = view.get(ref);
      if (resource == null || !options.standalone()) {
        return null;
      }
      Problems problems = new Problems();
      String name = className(resource);
      boolean legacy =
          resource instanceof Ingress ingress && IngressClassNames.legacy(ingress) != null;
      String at = legacy ? ForeignAnnotations.path(IngressClassNames.LEGACY) : CLASS_FIELD;
      if (name == null) {
        problems.warn(
            Reason.NOT_SERVED,
            at,
            "is missing, and no IngressClass of this controller is the default: write "
                + TranslatorOptions.INGRESS_CLASS);
        return VerdictBuilder.ofProblems(problems);
      }
      Set<String> ours = new TreeSet<>(Objects.requireNonNull(classes).bindings().keySet());
      String meant =
          name.equals(TranslatorOptions.INGRESS_CLASS)
              ? ", and here it is " + String.join(", ", ours)
              : Suggestions.of(name.toLowerCase(Locale.ROOT), ours);
      String message =
          Quote.of(name)
              + " is not an IngressClass of controller "
              + options.controller()
              + ": the resource is left to its own controller"
              + (legacy ? " (the annotation goes before spec.ingressClassName)" : "")
              + meant;
      // Folders hold the Ingresses of all controllers; a route is for nobody else.
      if (resource instanceof Ingress ingress && meant.isEmpty() && !namesOurs(ingress)) {
        problems.note(Reason.NOT_SERVED, at, message);
      } else {
        problems.warn(Reason.NOT_SERVED, at, message);
      }
      return VerdictBuilder.ofProblems(problems);
    }

    /** Whether its field names a class of ours, before which an annotation goes. */
    private boolean namesOurs(Ingress ingress) {
      String field = ingress.getSpec() == null ? null : ingress.getSpec().getIngressClassName();
      return field != null
          && !field.isEmpty()
          && Objects.requireNonNull(classes).bind(field) != null;
    }

    private void judgeSlice(ResourceRef ref) {
      Problems problems =
          containment.level(ref) == null
              ? endpoints.judge(ref, view.endpointSlices().get(ref), view.unheld().get(ref))
              : new Problems();
      verdicts =
          problems.hasFault()
              ? verdicts.with(ref, VerdictBuilder.ofProblems(problems))
              : verdicts.without(ref);
    }
  }
}
