package dev.longshore.operator.translate.tls;

import dev.longshore.api.v1alpha1.LongshoreConfigSpec;
import dev.longshore.contract.Settings.TlsVersion;
import org.jspecify.annotations.Nullable;

/** Reads a version of TLS, of all listeners or of one. */
public final class TlsVersionReader {
  private TlsVersionReader() {}

  /** The version as the contract has it. */
  public static TlsVersion read(
      LongshoreConfigSpec.@Nullable TlsVersion version, TlsVersion byDefault) {
    return switch (version) {
      case null -> byDefault;
      case TLS_1_2 -> TlsVersion.TLS_1_2;
      case TLS_1_3 -> TlsVersion.TLS_1_3;
    };
  }
}
