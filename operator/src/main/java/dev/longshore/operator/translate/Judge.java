package dev.longshore.operator.translate;

import dev.longshore.contract.EndpointSetKey;
import dev.longshore.operator.translate.claim.Claims;
import dev.longshore.operator.translate.claim.ClassName;
import dev.longshore.operator.translate.claim.PoolClaim;
import dev.longshore.operator.translate.claim.RuleClaim;
import dev.longshore.operator.translate.claim.TlsClaim;
import dev.longshore.operator.translate.claim.TranslatorOptions;
import dev.longshore.operator.translate.config.ServedClasses;
import dev.longshore.operator.translate.host.Fate;
import dev.longshore.operator.translate.host.HostTable;
import dev.longshore.operator.translate.quota.QuotaLedger;
import dev.longshore.operator.translate.upstream.EndpointTracker;
import dev.longshore.operator.translate.verdict.Outcome;
import dev.longshore.operator.translate.verdict.Problem;
import dev.longshore.operator.translate.verdict.Problems;
import dev.longshore.operator.translate.verdict.Quote;
import dev.longshore.operator.translate.verdict.Reason;
import dev.longshore.operator.translate.verdict.Suggestions;
import dev.longshore.operator.translate.verdict.Verdict;
import dev.longshore.operator.translate.verdict.VerdictBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.Comparator;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Says of resources what became of their claims, and of those that have none why. */
final class Judge {
  private final TranslatorOptions options;
  private final ResourceTranslators translators;
  private final HostTable hosts;
  private final EndpointTracker endpoints;
  private final QuotaLedger ledger;

  Judge(
      TranslatorOptions options,
      ResourceTranslators translators,
      HostTable hosts,
      EndpointTracker endpoints,
      QuotaLedger ledger) {
    this.options = options;
    this.translators = translators;
    this.hosts = hosts;
    this.endpoints = endpoints;
    this.ledger = ledger;
  }

  /** What is to be said of claims as they were settled. */
  Verdict verdict(Claims own) {
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
          Problem remark = hosts.remark(own.claimant(), rule);
          if (remark != null) {
            builder.add(remark);
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
  @Nullable Verdict notServed(@Nullable HasMetadata resource, ServedClasses classes) {
    if (resource == null || !options.standalone()) {
      return null;
    }
    Problems problems = new Problems();
    ClassName named = translators.className(resource);
    String name = named.name();
    String at = named.fieldPath();
    if (name == null) {
      problems.warn(
          Reason.NOT_SERVED,
          at,
          "is missing, and no IngressClass of this controller is the default: write "
              + TranslatorOptions.INGRESS_CLASS);
      return VerdictBuilder.ofProblems(problems);
    }
    Set<String> ours = new TreeSet<>(classes.bindings().keySet());
    String meant =
        name.equals(TranslatorOptions.INGRESS_CLASS)
            ? ", and here it is " + String.join(", ", ours)
            : Suggestions.of(name.toLowerCase(Locale.ROOT), ours);
    String message =
        Quote.of(name)
            + " is not an IngressClass of controller "
            + options.controller()
            + ": the resource is left to its own controller"
            + (named.annotation() != null
                ? " (the annotation goes before spec.ingressClassName)"
                : "")
            + meant;
    boolean hidesOurs = isSet(named.field()) && classes.bind(named.field()) != null;
    if (named.shared() && meant.isEmpty() && !hidesOurs) {
      problems.note(Reason.NOT_SERVED, at, message);
    } else {
      problems.warn(Reason.NOT_SERVED, at, message);
    }
    return VerdictBuilder.ofProblems(problems);
  }

  private static boolean isSet(@Nullable String text) {
    return text != null && !text.isEmpty();
  }
}
