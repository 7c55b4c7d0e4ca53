package dev.longshore.operator.translate;

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
import dev.longshore.operator.translate.claim.Claims;
import dev.longshore.operator.translate.claim.PoolClaim;
import dev.longshore.operator.translate.claim.TlsClaim;
import dev.longshore.operator.translate.claim.TranslatorOptions;
import dev.longshore.operator.translate.config.ServedClasses;
import dev.longshore.operator.translate.host.HostTable;
import dev.longshore.operator.translate.host.Settlement;
import dev.longshore.operator.translate.quota.QuotaLedger;
import dev.longshore.operator.translate.quota.QuotaShare;
import dev.longshore.operator.translate.quota.Quotas;
import dev.longshore.operator.translate.secret.TlsSecrets.KeyPair;
import dev.longshore.operator.translate.upstream.EndpointTracker;
import dev.longshore.operator.translate.verdict.Faults;
import dev.longshore.operator.translate.verdict.Problems;
import dev.longshore.operator.translate.verdict.Verdict;
import dev.longshore.operator.translate.verdict.VerdictBuilder;
import java.time.Clock;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Everything that is kept from one view to the next, and the order in which a view is taken over:
 * what changed is found, read, settled between those who want the same, put into the table and
 * judged.
 */
final class IncrementalTranslation implements Containment.Attempt {
  private final Function<ResourceRef, @Nullable Level> levels;
  private final ClassesReader classesReader;
  private final HostTable hosts = new HostTable();
  private final EndpointTracker endpoints;
  private final TableEditor table = new TableEditor();
  private final Dependents dependents = new Dependents();
  private final QuotaLedger ledger;
  private final ClaimsReader reader;
  private final QuotaGate gate;
  private final Judge judge;
  private final Map<ResourceRef, Claims> claims = new HashMap<>();
  private @Nullable ResourceRef working;
  private View view = View.EMPTY;
  private @Nullable ServedClasses classes;
  private PersistentMap<ResourceRef, Verdict> verdicts = PersistentMap.empty();

  /**
   * One that has seen nothing.
   *
   * @param classesReader remembers the classes of views before
   * @param levels how much of a resource is held back; null: nothing
   */
  IncrementalTranslation(
      TranslatorOptions options,
      Clock clock,
      ResourceTranslators translators,
      Faults faults,
      ClassesReader classesReader,
      Function<ResourceRef, @Nullable Level> levels) {
    this.levels = levels;
    this.classesReader = classesReader;
    this.endpoints = new EndpointTracker(options, faults);
    this.ledger = new QuotaLedger(Quotas.unless(options.standalone()));
    this.reader = new ClaimsReader(options, clock, translators, faults, levels);
    this.gate = new QuotaGate(ledger, reader, endpoints, dependents, levels);
    this.judge = new Judge(options, translators, hosts, endpoints, ledger);
  }

  /** The namespaces that are nearest to their quotas. */
  List<QuotaShare> quotaShares() {
    return ledger.shares();
  }

  /** Those at which reading failed. */
  Set<ResourceRef> failing() {
    return reader.failing();
  }

  @Override
  public @Nullable ResourceRef working() {
    return working;
  }

  @Override
  public Translation translate(View newer) {
    View older = view;
    view = newer;
    reader.view(newer);
    gate.view(newer);
    Set<ResourceRef> toRead = ViewChanges.find(older, view, dependents, endpoints);
    hosts.tenures(view.surroundings().tenures());
    Set<ResourceRef> toJudge = new HashSet<>();
    Set<CertificateKey> certificates = new HashSet<>();
    ServedClasses before = classes;
    readClasses(older, toRead, certificates);
    if (classes != before || !view.surroundings().own().equals(older.surroundings().own())) {
      endpoints.own(view.surroundings().own().listeningAt(ports()));
    }
    each(toRead, gate::account);
    endpoints.takeGrown().forEach(gate::countEndpoints);
    toRead.addAll(gate.settle());
    each(toRead, this::read);
    gate.done();
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
    reader.certificates().sweep();
    return new Translation(
        table.build(this::pool, endpoints::set),
        verdicts,
        dependents.referenced(),
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
  private void readClasses(View older, Set<ResourceRef> toRead, Set<CertificateKey> certificates) {
    ServedClasses before = classes;
    boolean referencesChanged = toRead.remove(ClassesReader.CLASSES);
    if (before != null
        && !referencesChanged
        && older.configs() == view.configs()
        && older.ingressClasses() == view.ingressClasses()) {
      return;
    }
    ServedClasses now = classesReader.read(view, reader);
    classes = now;
    reader.classes(now);
    if (before != null) {
      before.references().stream()
          .filter(reference -> !now.references().contains(reference))
          .forEach(
              reference ->
                  dependents.forget(reference, ClassesReader.CLASSES, reader.certificates()));
      addKey(before.defaultCertificate(), certificates);
    }
    now.references().forEach(reference -> dependents.depend(reference, ClassesReader.CLASSES));
    addKey(now.defaultCertificate(), certificates);
    hosts.admission(now.admission());
    ledger.quotas(now.quotas());
    hosts.handshakesEverywhere(
        now.defaultCertificate() != null || !now.settings().trustedProxies().isEmpty());
    table.builder().settings(now.settings()).listeners(now.listeners());
    if (before != null) {
      before.verdicts().keySet().stream()
          .filter(ref -> !now.verdicts().containsKey(ref))
          .forEach(ref -> verdicts = verdicts.without(ref));
    }
    now.verdicts().forEach((ref, verdict) -> verdicts = verdicts.with(ref, verdict));
    if (before == null
        || !before.bindings().equals(now.bindings())
        || !Objects.equals(before.defaultClass(), now.defaultClass())) {
      for (Kind kind : Kind.routing()) {
        view.of(kind).forEach((ref, resource) -> toRead.add(ref));
      }
    }
  }

  /** Where data planes listen by the table, so that no route leads there either. */
  private Set<Integer> ports() {
    Set<Integer> ports = new HashSet<>();
    Objects.requireNonNull(classes)
        .listeners()
        .forEach((name, listener) -> ports.add(listener.port()));
    return ports;
  }

  private static void addKey(TlsClaim.@Nullable Usable certificate, Set<CertificateKey> keys) {
    if (certificate != null) {
      keys.add(certificate.key());
    }
  }

  private void read(ResourceRef ref) {
    Claims older = claims.get(ref);
    Claims newer = gate.admitted(ref);
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
          .forEach(reference -> dependents.forget(reference, ref, reader.certificates()));
    }
    if (newer == null) {
      claims.remove(ref);
      return;
    }
    newer.pools().keySet().forEach(table::touchPool);
    newer.pools().values().forEach(pool -> table.touchSet(pool.pool().endpoints()));
    newer.references().forEach(reference -> dependents.depend(reference, ref));
    claims.put(ref, newer);
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
    Claims declaring =
        Objects.requireNonNull(
            claims.get(ResourceRef.of(key.kind(), key.namespace(), key.resource())));
    return Objects.requireNonNull(declaring.pools().get(key));
  }

  private void judge(ResourceRef ref) {
    Claims own = claims.get(ref);
    if (own == null || !own.problems().contains(ClaimsReader.BUG)) {
      reader.failing().remove(ref);
    }
    Verdict verdict =
        own != null
            ? judge.verdict(own)
            : levels.apply(ref) != null
                ? VerdictBuilder.ofBug(ClaimsReader.BUG)
                : judge.notServed(view.get(ref), Objects.requireNonNull(classes));
    verdicts = verdict == null ? verdicts.without(ref) : verdicts.with(ref, verdict);
  }

  private void judgeSlice(ResourceRef ref) {
    Problems problems =
        levels.apply(ref) == null
            ? endpoints.judge(ref, view.endpointSlices().get(ref), view.unheld().get(ref))
            : new Problems();
    verdicts =
        problems.hasFault()
            ? verdicts.with(ref, VerdictBuilder.ofProblems(problems))
            : verdicts.without(ref);
  }
}
