package dev.longshore.operator.translate.config;

import dev.longshore.api.v1alpha1.LongshoreConfigSpec;
import dev.longshore.operator.translate.field.GatewayDurations;
import dev.longshore.operator.translate.field.Hosts;
import dev.longshore.operator.translate.field.Names;
import dev.longshore.operator.translate.host.Admission;
import dev.longshore.operator.translate.host.HostReservations;
import dev.longshore.operator.translate.verdict.Problems;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads of a LongshoreConfig whose claims to hosts are let in. */
final class AdmissionReader {
  private final LongshoreConfigSpec spec;
  private final Problems problems;

  AdmissionReader(LongshoreConfigSpec spec, Problems problems) {
    this.spec = spec;
    this.problems = problems;
  }

  Admission read(boolean standalone) {
    Set<String> namespaces = new HashSet<>();
    List<String> listed = spec.catchAllNamespaces() == null ? List.of() : spec.catchAllNamespaces();
    for (int i = 0; i < listed.size(); i++) {
      String text = listed.get(i);
      String namespace =
          text.equals("*")
              ? text
              : problems.parse("spec.catchAllNamespaces[" + i + "]", () -> Names.label(text));
      if (namespace != null) {
        namespaces.add(namespace);
      }
    }
    return new Admission(
        spec.hostOwnership() == LongshoreConfigSpec.HostOwnership.SHARED,
        namespaces,
        standalone || namespaces.contains("*"),
        reserved(),
        grace(Admission.byDefault(standalone).grace()));
  }

  private Duration grace(Duration byDefault) {
    String text = spec.hostGracePeriod();
    Duration grace =
        text == null
            ? null
            : problems.parse(
                "spec.hostGracePeriod",
                () -> GatewayDurations.parse(text, Duration.ZERO, GatewayDurations.LONGEST));
    return grace == null ? byDefault : grace;
  }

  /** A namespace that can't be read leaves its names for nobody: they are not everybody's. */
  private HostReservations reserved() {
    Map<String, Set<String>> byName = new HashMap<>();
    List<LongshoreConfigSpec.HostReservation> listed =
        spec.hosts() == null ? List.of() : spec.hosts();
    for (int i = 0; i < listed.size(); i++) {
      LongshoreConfigSpec.HostReservation entry = listed.get(i);
      String path = "spec.hosts[" + i + "]";
      String namespace =
          problems.parse(
              path + ".namespace",
              () -> Names.label(Objects.requireNonNullElse(entry.namespace(), "")));
      List<String> names = entry.names() == null ? List.of() : entry.names();
      for (int j = 0; j < names.size(); j++) {
        String text = names.get(j);
        String name = reservedName(text, path + ".names[" + j + "]");
        if (name != null) {
          Set<String> namespaces = byName.computeIfAbsent(name, added -> new HashSet<>());
          if (namespace != null) {
            namespaces.add(namespace);
          }
        }
      }
    }
    return HostReservations.of(byName);
  }

  private @Nullable String reservedName(String text, String path) {
    if (text.equals(HostReservations.EVERY_NAME)) {
      return text;
    }
    String name = problems.parse(path, () -> Hosts.parse(text));
    return name == null ? Hosts.meant(text) : name;
  }
}
