package dev.longshore.operator.translate.verdict;

import java.util.Arrays;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Why something is not as a manifest wants it, and which condition that makes false. */
public enum Reason {
  /** A value is not one that the field takes. */
  INVALID("Invalid", ConditionType.ACCEPTED),
  /** Somebody else, older, claims the same. */
  CONFLICTED("Conflicted", ConditionType.ACCEPTED),
  /** A right value, which this version doesn't serve. */
  UNSUPPORTED_VALUE("UnsupportedValue", ConditionType.ACCEPTED),
  /** Not for this namespace, or not in this installation. */
  NOT_ALLOWED("NotAllowed", ConditionType.ACCEPTED),
  SERVICE_NOT_FOUND("ServiceNotFound", ConditionType.RESOLVED_REFS),
  PORT_NOT_FOUND("PortNotFound", ConditionType.RESOLVED_REFS),
  SECRET_NOT_FOUND("SecretNotFound", ConditionType.RESOLVED_REFS),
  CONFIG_MAP_NOT_FOUND("ConfigMapNotFound", ConditionType.RESOLVED_REFS),
  /** The LongshoreConfig that an IngressClass names doesn't exist. */
  CONFIG_NOT_FOUND("ConfigNotFound", ConditionType.RESOLVED_REFS),
  INVALID_CERTIFICATE("InvalidCertificate", ConditionType.RESOLVED_REFS),
  /** A Secret's entry is not what the field takes. */
  INVALID_SECRET("InvalidSecret", ConditionType.RESOLVED_REFS),
  REF_NOT_PERMITTED("RefNotPermitted", ConditionType.RESOLVED_REFS),
  NO_ENDPOINTS("NoEndpoints", ConditionType.ENDPOINTS_READY),
  /** The namespace has not much left of what it may have. */
  QUOTA_NEARLY_REACHED("QuotaNearlyReached", null),
  /** A port that data planes may not be allowed to listen on. */
  PRIVILEGED_PORT("PrivilegedPort", null),
  /** Something that should be in a Secret stands where many can read it. */
  CREDENTIAL_IN_CLEAR("CredentialInClear", null),
  /** A {@code longshore.dev/} annotation that doesn't exist. */
  UNKNOWN_ANNOTATION("UnknownAnnotation", null),
  /**
   * A {@code longshore.dev/} annotation whose value is not taken, and without which rules go on.
   */
  INVALID_ANNOTATION("InvalidAnnotation", null),
  /** Another controller's annotation. */
  NOT_SUPPORTED("NotSupported", null),
  /** Another controller's annotation, which is served, by what it is here. */
  TRANSLATED("Translated", null),
  /** Another controller's annotation, without which nothing is missing. */
  NO_EFFECT("NoEffect", null),
  /** The resource is for another controller. */
  NOT_SERVED("NotServed", null),
  /** The configuration is not used by any class of ours. */
  NOT_IN_USE("NotInUse", null);

  private static final Map<String, Reason> BY_LABEL =
      Arrays.stream(values()).collect(Collectors.toMap(Reason::label, Function.identity()));

  private final String label;
  private final @Nullable ConditionType condition;

  Reason(String label, @Nullable ConditionType condition) {
    this.label = label;
    this.condition = condition;
  }

  /** As status and Events say it: a problem's reason. */
  public String label() {
    return label;
  }

  /** Whether a warning of this reason makes the condition of that type false. */
  boolean concerns(ConditionType type) {
    return type == condition;
  }

  /**
   * The reason of that label.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static Reason labelled(String label) {
    Reason reason = BY_LABEL.get(label);
    if (reason == null) {
      throw new IllegalArgumentException("unknown reason " + label);
    }
    return reason;
  }
}
