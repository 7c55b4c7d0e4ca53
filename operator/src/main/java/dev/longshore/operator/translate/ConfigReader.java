package dev.longshore.operator.translate;

import dev.longshore.api.v1alpha1.LongshoreConfigSpec;
import dev.longshore.contract.Cidr;
import dev.longshore.contract.Settings;
import dev.longshore.contract.Settings.AccessLog;
import dev.longshore.contract.Settings.Bounds;
import dev.longshore.contract.Settings.ForwardedHeaders;
import dev.longshore.contract.Settings.ProcessDrain;
import dev.longshore.contract.Settings.ProxyProtocol;
import dev.longshore.operator.translate.PolicyLayers.Layer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads a LongshoreConfig. A field that isn't right has its default and is reported: everything
 * else, and all routes, go on.
 */
final class ConfigReader {
  private static final int MOST_RANGES = 256;

  private final LongshoreConfigSpec spec;
  private final Problems problems = new Problems();

  ConfigReader(LongshoreConfigSpec spec) {
    this.spec = spec;
    refuseUnsupported();
    if (spec.defaults() != null && spec.defaults().policy() != null) {
      Layer layer = Layer.of(spec.defaults().policy(), "spec.defaults.policy");
      PolicyReader.read(new PolicyLayers(List.of()).under(layer), problems);
    }
  }

  Settings settings() {
    return new Settings(
        trustedProxies(),
        switch (spec.forwardedHeaders()) {
          case null -> ForwardedHeaders.APPEND;
          case APPEND -> ForwardedHeaders.APPEND;
          case REPLACE -> ForwardedHeaders.REPLACE;
        },
        switch (spec.proxyProtocol()) {
          case null -> ProxyProtocol.OFF;
          case DISABLED -> ProxyProtocol.OFF;
          case REQUIRED -> ProxyProtocol.REQUIRED;
        },
        processDrain(),
        switch (spec.accessLog()) {
          case null -> AccessLog.ALL;
          case ALL -> AccessLog.ALL;
          case ERRORS -> AccessLog.TUNNELS_AND_ERRORS;
          case DISABLED -> AccessLog.OFF;
        },
        bounds(),
        Settings.Tls.DEFAULT);
  }

  Admission admission(boolean standalone) {
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
        standalone || namespaces.contains("*"));
  }

  Problems problems() {
    return problems;
  }

  private void refuseUnsupported() {
    String nothingElse = "TLS is not served by this version, so this has no effect: remove it";
    if (spec.defaultCertificate() != null) {
      problems.fault(Reason.UNSUPPORTED_VALUE, "spec.defaultCertificate", nothingElse);
    }
    if (spec.tls() != null) {
      problems.fault(Reason.UNSUPPORTED_VALUE, "spec.tls", nothingElse);
    }
    if (spec.hsts() != null) {
      problems.fault(Reason.UNSUPPORTED_VALUE, "spec.hsts", nothingElse);
    }
  }

  private List<Cidr> trustedProxies() {
    List<Cidr> ranges = new ArrayList<>();
    List<String> listed = spec.trustedProxies() == null ? List.of() : spec.trustedProxies();
    if (listed.size() > MOST_RANGES) {
      problems.fault(
          Reason.INVALID,
          "spec.trustedProxies",
          "has " + listed.size() + " items: at most " + MOST_RANGES);
    }
    for (int i = 0; i < Math.min(MOST_RANGES, listed.size()); i++) {
      String text = listed.get(i);
      Cidr range = problems.parse("spec.trustedProxies[" + i + "]", () -> Cidrs.parse(text));
      if (range != null) {
        ranges.add(range);
      }
    }
    return ranges;
  }

  private ProcessDrain processDrain() {
    ProcessDrain defaults = Settings.DEFAULT.processDrain();
    LongshoreConfigSpec.ProcessDrain drain = spec.processDrain();
    return drain == null
        ? defaults
        : new ProcessDrain(
            duration(drain.delay(), "spec.processDrain.delay", Duration.ZERO, defaults.delay()),
            duration(drain.window(), "spec.processDrain.window", Duration.ZERO, defaults.window()),
            duration(
                drain.deadline(),
                "spec.processDrain.deadline",
                Duration.ZERO,
                defaults.deadline()));
  }

  private Bounds bounds() {
    Bounds defaults = Settings.DEFAULT.bounds();
    LongshoreConfigSpec.Bounds bounds = spec.bounds();
    if (bounds == null) {
      return defaults;
    }
    Integer count = bounds.headerCount();
    if (count != null && (count < 1 || count > 10_000)) {
      problems.fault(
          Reason.INVALID, "spec.bounds.headerCount", count + " is out of bounds: from 1 to 10000");
      count = null;
    }
    return new Bounds(
        (int)
            bytes(
                bounds.requestLineBytes(),
                "spec.bounds.requestLineBytes",
                256,
                1 << 20,
                defaults.requestLineBytes()),
        (int)
            bytes(
                bounds.headerBytes(),
                "spec.bounds.headerBytes",
                1024,
                1 << 24,
                defaults.headerBytes()),
        count == null ? defaults.headerCount() : count,
        bytes(bounds.bodyBytes(), "spec.bounds.bodyBytes", 0, Long.MAX_VALUE, defaults.bodyBytes()),
        duration(
            bounds.headerTimeout(),
            "spec.bounds.headerTimeout",
            Duration.ofMillis(1),
            defaults.requestTimeout()));
  }

  private long bytes(@Nullable String text, String path, long least, long most, long byDefault) {
    Long bytes =
        text == null ? null : problems.parse(path, () -> Quantities.parse(text, least, most));
    return bytes == null ? byDefault : bytes;
  }

  private Duration duration(
      @Nullable String text, String path, Duration least, Duration byDefault) {
    Duration duration =
        text == null
            ? null
            : problems.parse(path, () -> Durations.parse(text, least, Durations.LONGEST));
    return duration == null ? byDefault : duration;
  }
}
