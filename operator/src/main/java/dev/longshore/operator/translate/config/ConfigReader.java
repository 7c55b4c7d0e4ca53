package dev.longshore.operator.translate.config;

import dev.longshore.api.v1alpha1.LongshoreConfigSpec;
import dev.longshore.api.v1alpha1.LongshoreConfigSpec.SecretRef;
import dev.longshore.contract.Certificate.CertificateKey;
import dev.longshore.contract.Cidr;
import dev.longshore.contract.HardLimits;
import dev.longshore.contract.Listener;
import dev.longshore.contract.PersistentMap;
import dev.longshore.contract.Settings;
import dev.longshore.contract.Settings.AccessLog;
import dev.longshore.contract.Settings.Bounds;
import dev.longshore.contract.Settings.ForwardedHeaders;
import dev.longshore.contract.Settings.Hsts;
import dev.longshore.contract.Settings.Http2;
import dev.longshore.contract.Settings.ProcessDrain;
import dev.longshore.contract.Settings.ProxyProtocol;
import dev.longshore.contract.Settings.TlsVersion;
import dev.longshore.operator.source.ResourceRef;
import dev.longshore.operator.source.View;
import dev.longshore.operator.translate.claim.References;
import dev.longshore.operator.translate.claim.TlsClaim.Usable;
import dev.longshore.operator.translate.field.Cidrs;
import dev.longshore.operator.translate.field.GatewayDurations;
import dev.longshore.operator.translate.field.Names;
import dev.longshore.operator.translate.field.Quantities;
import dev.longshore.operator.translate.host.Admission;
import dev.longshore.operator.translate.policy.Layers;
import dev.longshore.operator.translate.policy.PolicyReader;
import dev.longshore.operator.translate.policy.Source;
import dev.longshore.operator.translate.quota.Quotas;
import dev.longshore.operator.translate.secret.CertificateStore;
import dev.longshore.operator.translate.secret.TlsSecrets.KeyPair;
import dev.longshore.operator.translate.tls.TlsReader;
import dev.longshore.operator.translate.tls.TlsVersionReader;
import dev.longshore.operator.translate.verdict.Problems;
import dev.longshore.operator.translate.verdict.Quote;
import dev.longshore.operator.translate.verdict.Reason;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Reads a LongshoreConfig. A field that isn't right has its default and is reported: everything
 * else, and all routes, go on.
 */
final class ConfigReader {
  private static final int MOST_CIPHERS = 32;

  private final LongshoreConfigSpec spec;
  private final Problems problems = new Problems();
  private final @Nullable References references;
  private final @Nullable Usable defaultCertificate;

  /** Reads a configuration; {@code view} and {@code now} are for what it refers to. */
  ConfigReader(LongshoreConfigSpec spec, View view, Instant now, CertificateStore certificates) {
    this.spec = spec;
    SecretRef secret = spec.defaultCertificate();
    String namespace =
        secret == null
            ? null
            : problems.parse(
                "spec.defaultCertificate.namespace",
                () -> Names.label(Objects.requireNonNullElse(secret.namespace(), "")));
    this.references = namespace == null ? null : new References(view, namespace, now, certificates);
    this.defaultCertificate =
        secret == null || references == null ? null : certificate(references, secret.name());
    if (spec.defaults() != null && spec.defaults().policy() != null) {
      Source defaults = Source.of(spec.defaults().policy(), "spec.defaults.policy");
      PolicyReader.read(Layers.NONE.under(defaults), null, problems);
    }
  }

  Settings settings() {
    return new Settings(
        Cidrs.read(spec.trustedProxies(), "spec.trustedProxies", problems),
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
        tls(),
        proxyProtocolFrom(),
        http2());
  }

  /**
   * Null where no PROXY headers are read. None named is a fault and means nobody, not everybody:
   * whoever reaches a listener could claim any address.
   */
  private @Nullable List<Cidr> proxyProtocolFrom() {
    String path = "spec.proxyProtocolFrom";
    List<Cidr> ranges = Cidrs.read(spec.proxyProtocolFrom(), path, problems);
    if (spec.proxyProtocol() != LongshoreConfigSpec.ProxyProtocol.REQUIRED) {
      return null;
    }
    if (spec.proxyProtocolFrom() == null || spec.proxyProtocolFrom().isEmpty()) {
      problems.fault(
          Reason.INVALID,
          path,
          "is missing: with proxyProtocol: Required, name the ranges of the balancers that send"
              + " PROXY headers, such as 10.0.0.0/8. Until then all connections are closed, because"
              + " whoever connects could claim any address");
    }
    return ranges;
  }

  /** The listeners beside those of flags, by name; {@code settings} have what these don't say. */
  PersistentMap<String, Listener> listeners(Settings settings) {
    return new ListenersReader(spec, settings, problems).read();
  }

  /** Whose claims to hosts are let in. */
  Admission admission(boolean standalone) {
    return new AdmissionReader(spec, problems).read(standalone);
  }

  /** The quotas; where nothing is said, or nothing right, those of {@code otherwise}. */
  Quotas quotas(Quotas otherwise) {
    return new QuotasReader(problems).read(spec.quotas(), otherwise);
  }

  Problems problems() {
    return problems;
  }

  /** For hosts without one of their own; null when there is none that can be used. */
  @Nullable Usable defaultCertificate() {
    return defaultCertificate;
  }

  /** The resources that were looked for. */
  Set<ResourceRef> references() {
    return references == null ? Set.of() : references.asked();
  }

  private @Nullable Usable certificate(References references, @Nullable String name) {
    String path = "spec.defaultCertificate.name";
    KeyPair pair = TlsReader.pair(references, name, path, problems);
    return pair == null || name == null
        ? null
        : new Usable(new CertificateKey(references.namespace(), name), pair);
  }

  private Settings.Tls tls() {
    CertificateKey byDefault = defaultCertificate == null ? null : defaultCertificate.key();
    Settings.Tls d = Settings.Tls.DEFAULT;
    LongshoreConfigSpec.Tls tls = spec.tls();
    if (tls == null) {
      return new Settings.Tls(d.minVersion(), d.maxVersion(), d.ciphers(), byDefault, hsts());
    }
    TlsVersion least = TlsVersionReader.read(tls.minVersion(), d.minVersion());
    TlsVersion most = TlsVersionReader.read(tls.maxVersion(), d.maxVersion());
    if (least.compareTo(most) > 0) {
      problems.fault(Reason.INVALID, "spec.tls.minVersion", "is newer than maxVersion");
      least = d.minVersion();
      most = d.maxVersion();
    }
    return new Settings.Tls(least, most, ciphers(tls), byDefault, hsts());
  }

  private List<String> ciphers(LongshoreConfigSpec.Tls tls) {
    List<String> listed = tls.ciphers() == null ? List.of() : tls.ciphers();
    Set<String> ciphers = new LinkedHashSet<>();
    for (int i = 0; i < Math.min(MOST_CIPHERS, listed.size()); i++) {
      String cipher = listed.get(i);
      if (Settings.Tls.CIPHERS.contains(cipher)) {
        ciphers.add(cipher);
      } else {
        problems.fault(
            Reason.UNSUPPORTED_VALUE,
            "spec.tls.ciphers[" + i + "]",
            Quote.of(cipher)
                + " is not one of "
                + Settings.Tls.CIPHERS.stream().sorted().collect(Collectors.joining(", ")));
      }
    }
    return List.copyOf(ciphers);
  }

  private @Nullable Hsts hsts() {
    LongshoreConfigSpec.Hsts hsts = spec.hsts();
    if (hsts == null) {
      return null;
    }
    String text = hsts.maxAge();
    Duration maxAge =
        problems.parse(
            "spec.hsts.maxAge",
            () ->
                GatewayDurations.parse(
                    Objects.requireNonNullElse(text, ""), Duration.ZERO, GatewayDurations.LONGEST));
    return maxAge == null
        ? null
        : new Hsts(maxAge, hsts.subdomains() == LongshoreConfigSpec.Subdomains.INCLUDE);
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

  private Http2 http2() {
    Http2 defaults = Http2.DEFAULT;
    LongshoreConfigSpec.Http2 http2 = spec.http2();
    if (http2 == null) {
      return defaults;
    }
    Integer streams = http2.maxConcurrentStreams();
    if (streams != null && (streams < 1 || streams > HardLimits.HTTP2_STREAMS)) {
      problems.fault(
          Reason.INVALID,
          "spec.http2.maxConcurrentStreams",
          streams + " is out of bounds: from 1 to " + HardLimits.HTTP2_STREAMS);
      streams = null;
    }
    return new Http2(
        isOn(http2.https(), defaults.https()),
        isOn(http2.http(), defaults.http()),
        streams == null ? defaults.maxConcurrentStreams() : streams);
  }

  private static boolean isOn(LongshoreConfigSpec.@Nullable Http2Use use, boolean byDefault) {
    return switch (use) {
      case null -> byDefault;
      case ENABLED -> true;
      case DISABLED -> false;
    };
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
            : problems.parse(
                path, () -> GatewayDurations.parse(text, least, GatewayDurations.LONGEST));
    return duration == null ? byDefault : duration;
  }
}
