package dev.longshore.cli.standalone;

import dev.longshore.contract.PersistentMap;
import dev.longshore.contract.RuleKey;
import dev.longshore.contract.RuleSource;
import dev.longshore.operator.quarantine.HeldRule;
import dev.longshore.operator.source.ResourceRef;
import dev.longshore.operator.translate.Translation;
import dev.longshore.operator.translate.verdict.Problem;
import dev.longshore.operator.translate.verdict.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Says of rules that the data plane refused what the operator says of them in status. */
final class HeldRules {
  private static final String REASON = "Rejected";

  private HeldRules() {}

  static Translation told(Translation translation, Map<RuleKey, HeldRule> held) {
    PersistentMap<ResourceRef, Verdict> verdicts = translation.verdicts();
    for (HeldRule rule : held.values()) {
      RuleSource source = rule.source();
      ResourceRef ref = ResourceRef.of(source.kind(), source.namespace(), source.name());
      Verdict verdict = verdicts.get(ref);
      if (verdict != null) {
        List<Problem> problems = new ArrayList<>(verdict.problems());
        problems.add(new Problem(Problem.Severity.WARNING, REASON, source.location(), rule.why()));
        verdicts =
            verdicts.with(
                ref,
                new Verdict(
                    verdict.conditions(), problems, verdict.hostOwners(), verdict.serves()));
      }
    }
    return new Translation(
        translation.snapshot(),
        verdicts,
        translation.references(),
        translation.holders(),
        translation.grace());
  }
}
