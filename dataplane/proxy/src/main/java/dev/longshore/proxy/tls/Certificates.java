package dev.longshore.proxy.tls;

import dev.longshore.contract.Certificate;
import dev.longshore.contract.Certificate.CertificateKey;
import dev.longshore.contract.EntryRef;
import dev.longshore.contract.PersistentMap;
import dev.longshore.contract.RoutingSnapshot;
import dev.longshore.contract.RuleKey;
import dev.longshore.contract.Settings;
import dev.longshore.contract.SnapshotError;
import dev.longshore.proxy.net.Wildcard;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The server certificates of a snapshot by name: exact, then wildcard (one label), then those for
 * every name, then the default. Immutable; a successor shares all contexts that did not change, and
 * those that it doesn't take over are let go once it is in use. Any thread may read.
 */
public final class Certificates {
  private static final Certificates EMPTY =
      new Certificates(PersistentMap.empty(), PersistentMap.empty(), null);

  private final PersistentMap<CertificateKey, ServerContext> contexts;

  /** Never empty lists, in the order of {@link ServerContext#PREFERENCE}. */
  private final PersistentMap<String, List<ServerContext>> hosts;

  private final @Nullable ServerContext byDefault;

  private Certificates(
      PersistentMap<CertificateKey, ServerContext> contexts,
      PersistentMap<String, List<ServerContext>> hosts,
      @Nullable ServerContext byDefault) {
    this.contexts = contexts;
    this.hosts = hosts;
    this.byDefault = byDefault;
  }

  /** No certificate. */
  public static Certificates empty() {
    return EMPTY;
  }

  /** Tells until when each certificate is taken by clients, in no particular order. */
  public void forEachExpiry(BiConsumer<CertificateKey, Instant> action) {
    contexts.forEach((key, context) -> action.accept(key, context.notAfter()));
  }

  /**
   * Whether a connection that was shown a certificate may ask for a host: unless that one has
   * certificates of its own, among which this one is not (RFC 9110 §15.5.20).
   */
  public boolean mayServe(String host, TlsSession session) {
    if (host.equals(session.serverName())) {
      return true;
    }
    List<ServerContext> own = ofHost(host);
    return own == null
        || own.stream().anyMatch(context -> context.key().equals(session.certificate()));
  }

  /**
   * Whether a connection that was shown a certificate is the one that would be made for a host,
   * too: whoever asks for several hosts on one connection (RFC 9113 §9.1.1) would be shown the same
   * one, or another one of the same host, if it came for each by itself.
   */
  public boolean mayShare(String host, TlsSession session) {
    if (host.equals(session.serverName())) {
      return true;
    }
    List<ServerContext> own = ofHost(host);
    if (own == null) {
      own = hosts.get(RuleKey.ANY_HOST);
    }
    if (own == null) {
      return byDefault != null && byDefault.key().equals(session.certificate());
    }
    return own.stream().anyMatch(context -> context.key().equals(session.certificate()));
  }

  /** The certificate for a client; null when there is none for the name it asks for. */
  @Nullable ServerContext choose(ClientHello hello) {
    String name = hello.serverName();
    List<ServerContext> candidates = name == null ? null : ofHost(name);
    if (candidates == null) {
      candidates = hosts.get(RuleKey.ANY_HOST);
    }
    if (candidates == null) {
      return byDefault;
    }
    for (ServerContext candidate : candidates) {
      if (candidate.suits(hello)) {
        return candidate;
      }
    }
    // None that it can verify: let the library say so.
    return candidates.getLast();
  }

  private @Nullable List<ServerContext> ofHost(String host) {
    List<ServerContext> exact = hosts.get(host);
    if (exact != null) {
      return exact;
    }
    String wildcard = Wildcard.of(host);
    return wildcard == null ? null : hosts.get(wildcard);
  }

  /**
   * Works out the next certificates without touching those in use, in time proportional to the
   * change; other versions or ciphers are a change of all.
   *
   * @param before the snapshot that these are of
   * @param after the next one
   */
  public Update prepare(RoutingSnapshot before, RoutingSnapshot after) {
    return prepare(before, after, TlsLibrary::best);
  }

  Update prepare(RoutingSnapshot before, RoutingSnapshot after, Supplier<TlsLibrary> library) {
    Draft draft = new Draft(this, after.settings().tls(), offersHttp2(after.settings()), library);
    try {
      change(draft, before, after);
      return draft.finish();
    } catch (RuntimeException | Error e) {
      // Outside the heap nobody else lets go of it.
      draft.made.forEach(ServerContext::release);
      throw e;
    }
  }

  private static void change(Draft draft, RoutingSnapshot before, RoutingSnapshot after) {
    if (sameParameters(before.settings().tls(), after.settings().tls())
        && offersHttp2(before.settings()) == offersHttp2(after.settings())) {
      before.certificates().diff(after.certificates(), draft::change);
    } else {
      before.certificates().forEach((key, certificate) -> draft.change(key, certificate, null));
      after.certificates().forEach((key, certificate) -> draft.change(key, null, certificate));
    }
  }

  private static boolean offersHttp2(Settings settings) {
    return settings.http2() != null && settings.http2().https();
  }

  private static boolean sameParameters(Settings.Tls a, Settings.Tls b) {
    return a.minVersion() == b.minVersion()
        && a.maxVersion() == b.maxVersion()
        && a.ciphers().equals(b.ciphers());
  }

  /** The next certificates. One of {@link #commit} and {@link #abandon} is to be called, once. */
  public static final class Update {
    private final Certificates certificates;
    private final List<ServerContext> made;
    private final List<ServerContext> replaced;
    private final List<SnapshotError> errors;

    private Update(
        Certificates certificates,
        List<ServerContext> made,
        List<ServerContext> replaced,
        List<SnapshotError> errors) {
      this.certificates = certificates;
      this.made = List.copyOf(made);
      this.replaced = List.copyOf(replaced);
      this.errors = List.copyOf(errors);
    }

    /** Certificates that can't be used; with one, there is nothing to commit. */
    public List<SnapshotError> errors() {
      return errors;
    }

    /** Complete if there are no errors. */
    public Certificates certificates() {
      return certificates;
    }

    /** Lets those go that were replaced, after nobody finds them any more. */
    public void commit() {
      replaced.forEach(ServerContext::release);
    }

    /** Lets those go that were made in vain. */
    public void abandon() {
      made.forEach(ServerContext::release);
    }
  }

  /** Certificates under construction. */
  private static final class Draft {
    private final Settings.Tls settings;
    private final boolean http2;
    private final Supplier<TlsLibrary> library;
    private final List<ServerContext> made = new ArrayList<>();
    private final List<ServerContext> replaced = new ArrayList<>();
    private final List<SnapshotError> errors = new ArrayList<>();

    /** Hosts that change, collected so that each is put into the map once. */
    private final Map<String, List<ServerContext>> changed = new HashMap<>();

    private final PersistentMap<String, List<ServerContext>> hosts;
    private PersistentMap<CertificateKey, ServerContext> contexts;

    Draft(Certificates base, Settings.Tls settings, boolean http2, Supplier<TlsLibrary> library) {
      this.contexts = base.contexts;
      this.hosts = base.hosts;
      this.settings = settings;
      this.http2 = http2;
      this.library = library;
    }

    void change(CertificateKey key, @Nullable Certificate older, @Nullable Certificate newer) {
      ServerContext present = contexts.get(key);
      if (older != null && present != null) {
        older.hosts().forEach(host -> host(host).remove(present));
      }
      ServerContext next = newer == null ? null : context(older, present, newer);
      if (present != null && present != next) {
        replaced.add(present);
      }
      contexts = next == null ? contexts.without(key) : contexts.with(key, next);
      if (newer != null && next != null) {
        newer.hosts().forEach(host -> host(host).add(next));
      }
    }

    /** The present one, if only the hosts are others. */
    private @Nullable ServerContext context(
        @Nullable Certificate older, @Nullable ServerContext present, Certificate newer) {
      if (older != null
          && present != null
          && older.chain().equals(newer.chain())
          && older.privateKey().equals(newer.privateKey())) {
        return present;
      }
      try {
        ServerContext context = ServerContext.of(newer, settings, http2, library.get());
        made.add(context);
        return context;
      } catch (UnusableTlsException e) {
        EntryRef entry = new EntryRef.Tls(newer.key());
        errors.add(
            new SnapshotError(
                entry, entry.path() + "." + e.field(), String.valueOf(e.getMessage())));
        return null;
      } catch (RuntimeException | StackOverflowError | LinkageError e) {
        // Of this one alone, so that it can be left out: what was made for others is let go.
        EntryRef entry = new EntryRef.Tls(newer.key());
        errors.add(new SnapshotError(entry, entry.path(), "can't be used: " + e));
        return null;
      }
    }

    private List<ServerContext> host(String host) {
      return changed.computeIfAbsent(
          host,
          name -> {
            List<ServerContext> present = hosts.get(name);
            return present == null ? new ArrayList<>() : new ArrayList<>(present);
          });
    }

    Update finish() {
      PersistentMap<String, List<ServerContext>> next = hosts;
      for (Map.Entry<String, List<ServerContext>> entry : changed.entrySet()) {
        List<ServerContext> sorted =
            entry.getValue().stream().sorted(ServerContext.PREFERENCE).toList();
        next = sorted.isEmpty() ? next.without(entry.getKey()) : next.with(entry.getKey(), sorted);
      }
      CertificateKey key = settings.defaultCertificate();
      ServerContext byDefault = key == null ? null : contexts.get(key);
      return new Update(new Certificates(contexts, next, byDefault), made, replaced, errors);
    }
  }
}
