package dev.longshore.operator.push;

import dev.longshore.operator.pki.ServerIdentity;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.security.cert.X509Certificate;
import java.util.function.Supplier;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** The TLS context of the newest identity, made again when that changes. For any thread. */
final class TlsContexts {
  private final Supplier<? extends @Nullable ServerIdentity> identity;
  private @Nullable ServerIdentity made;
  private @Nullable SslContext context;

  TlsContexts(Supplier<? extends @Nullable ServerIdentity> identity) {
    this.identity = identity;
  }

  /** TLS 1.3 or 1.2 by the newest identity; null while there is none. */
  synchronized @Nullable SslContext newest() throws SSLException {
    ServerIdentity newest = identity.get();
    if (newest != null && newest != made) {
      context =
          SslContextBuilder.forServer(newest.key(), newest.chain().toArray(X509Certificate[]::new))
              .sslProvider(SslProvider.JDK)
              .protocols("TLSv1.3", "TLSv1.2")
              .build();
      made = newest;
    }
    return context;
  }
}
