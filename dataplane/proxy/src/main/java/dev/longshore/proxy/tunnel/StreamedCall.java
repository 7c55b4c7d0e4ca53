package dev.longshore.proxy.tunnel;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A call of gRPC that has lasted so long that it counts as a connection: it is shown and ended as
 * one. Who carries its messages has it, and ends it.
 */
public final class StreamedCall extends LongLivedConnection {
  private final Carried carried;
  private final Expiry expiry = new Expiry();
  private Duration within;
  private @Nullable CloseCause cause;
  private boolean over;

  /** The call itself. On its event loop, but for the figures. */
  public interface Carried {
    /**
     * Ends it between two messages, or at the deadline in the middle of one.
     *
     * @param within how long the message that is under way may still take
     */
    void end(CloseCause cause, Duration within);

    /** Cuts it at once, after a fault. */
    void cut();

    /** Bytes from the client; any thread. */
    long bytesFromClient();

    /** Bytes from the endpoint; any thread. */
    long bytesFromUpstream();

    /** Messages from the client; any thread. */
    long messagesFromClient();

    /** Messages from the endpoint; any thread. */
    long messagesFromUpstream();
  }

  StreamedCall(TunnelContext context, Siblings siblings, Carried carried) {
    super(context, siblings);
    this.carried = carried;
    this.within = context.terms().closeDeadline();
  }

  /** {@link CallRegistry#add}, on the siblings. */
  void begin() {
    siblings().opened(this);
    int now = siblings().clock().now();
    expiry.begin(now, context().terms().lifetime());
    inspect(now);
  }

  /** It is over, however that came about. Once, unless it was told to end: then behind that too. */
  public void over() {
    if (!over) {
      over = true;
      if (cause == null) {
        leaving();
      }
      ended();
    }
  }

  @Override
  boolean isOpen() {
    return cause == null && !over;
  }

  @Override
  Expiry expiry() {
    return expiry;
  }

  @Override
  void endWithin(Duration deadline) {
    within = deadline;
  }

  @Override
  void inspect(int now) {
    if (!isOpen()) {
      return;
    }
    CloseCause passed = expiry.expired(now);
    if (passed == null) {
      siblings().inspectAt(this, expiry.nextExpiry(now));
    } else {
      leaving();
      cause = passed;
      carried.end(passed, within);
    }
  }

  @Override
  void fail(Throwable fault) {
    tellFault(fault);
    carried.cut();
  }

  @Override
  public Type type() {
    return Type.GRPC;
  }

  @Override
  public long bytesFromClient() {
    return carried.bytesFromClient();
  }

  @Override
  public long bytesFromUpstream() {
    return carried.bytesFromUpstream();
  }

  @Override
  public long messagesFromClient() {
    return carried.messagesFromClient();
  }

  @Override
  public long messagesFromUpstream() {
    return carried.messagesFromUpstream();
  }

  @Override
  public @Nullable CloseCause cause() {
    return cause;
  }
}
