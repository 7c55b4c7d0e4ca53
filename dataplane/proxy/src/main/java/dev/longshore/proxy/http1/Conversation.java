package dev.longshore.proxy.http1;

import dev.longshore.contract.Settings.Bounds;
import dev.longshore.contract.policy.Timeouts;
import dev.longshore.proxy.answer.LocalAnswer;
import dev.longshore.proxy.http.ClientPeer;
import dev.longshore.proxy.http.ClientRequest;
import dev.longshore.proxy.http.Exchange;
import dev.longshore.proxy.http.HttpAnswers;
import dev.longshore.proxy.http.LoopContext;
import dev.longshore.proxy.http.RequestInterpreter.Result;
import dev.longshore.proxy.http.RequestRecorder;
import dev.longshore.proxy.http.WriteStall;
import dev.longshore.proxy.limit.ClientSlot;
import dev.longshore.proxy.loop.Deadline;
import dev.longshore.proxy.memory.HeadMemory;
import dev.longshore.proxy.memory.Holder;
import dev.longshore.proxy.tls.TlsStream;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What is spoken on one client connection: one request after the other, each admitted and then
 * carried by an {@link Exchange}. What is pipelined behind a request stays undecoded until that one
 * is answered and the client has room for another answer: so who sends requests without reading
 * answers makes nobody hold more than one connection's buffers, and is cut when it stalls. Longer
 * than most, for every event means something else in each of its phases, and they are read
 * together.
 */
final class Conversation {
  /** How long a keep-alive connection may be silent between requests. */
  static final Duration IDLE = Duration.ofSeconds(75);

  /** What answers of our own have, and others where the policy sets no bound to the next one. */
  private static final Duration DEFAULT_STALL = Timeouts.DEFAULT.writeStall();

  /**
   * Pipelined requests that are answered in one go, when nothing has to be waited for. Behind them
   * the other connections of the loop have their turn.
   */
  private static final int REQUESTS_PER_TURN = 32;

  private enum Phase {
    WAITING,
    ADMITTING,
    EXCHANGING,
    CLOSING,
    GONE
  }

  private final ClientConnection connection;
  private final Channel channel;
  private final LoopContext loopContext;
  private final ClientPeer peer;
  private final RequestDecoder decoder;
  private final WriteStall stall;
  private final ConnectionStream stream;
  private final Timer timer = new Timer();
  private Phase phase = Phase.WAITING;
  private boolean headTimed;
  private boolean servedOne;
  private boolean awaitsBody;
  private boolean inputEnded;
  private int answeredInTurn;
  private long heapHeld;
  private @Nullable ClientRequest admitting;
  private @Nullable Exchange exchange;
  private @Nullable LingeringClose closing;

  /**
   * One in which nothing has been said.
   *
   * @param bounds as they are when the connection is accepted
   */
  Conversation(
      ClientConnection connection,
      Channel channel,
      LoopContext loopContext,
      ClientPeer peer,
      Bounds bounds) {
    this.connection = connection;
    this.channel = channel;
    this.loopContext = loopContext;
    this.peer = peer;
    this.decoder = new RequestDecoder(bounds);
    this.stall =
        new WriteStall(
            loopContext.deadlines(),
            DEFAULT_STALL,
            () -> Holder.waitingFor(channel),
            this::stalled);
    this.stream = new ConnectionStream(this, channel, decoder, stall);
  }

  /** Adds the codec to the pipeline. */
  void install() {
    // Named, because Netty would look for a free name.
    channel.pipeline().addLast("decoder", decoder).addLast("encoder", stream.encoder());
  }

  /** Waits for the first request. */
  void begin() {
    arm(loopContext.state().settings().bounds().requestTimeout());
  }

  private ClientSlot slot() {
    return ClientSlot.of(channel);
  }

  // ---- for its stream

  RequestRecorder recorder() {
    return loopContext.recorder();
  }

  @Nullable String strictTransportSecurity() {
    return loopContext.strictTransportSecurity(peer);
  }

  /** Arms or moves this connection's deadline; zero disarms it. */
  void arm(Duration after) {
    loopContext.deadlines().arm(timer, after);
  }

  /** The decoder goes on. */
  void resumed() {
    if (inputEnded && awaitsBody) {
      // Not from within what the exchange does just now.
      channel.eventLoop().execute(this::closeIfBodyIsCut);
    }
  }

  /** Whether an answer that begins now may leave this connection open for another request. */
  boolean mayKeepAlive(ClientRequest request) {
    return request.keepAlive()
        && !request.websocket()
        && !awaitsBody
        && !loopContext.draining(peer);
  }

  /** A request is carried by {@code next} from now on. */
  void begin(Exchange next) {
    exchange = next;
    next.start();
  }

  /** The request is answered, and everything is written. */
  void answered(boolean keepAlive) {
    exchange = null;
    if (keepAlive && !loopContext.draining(peer)) {
      waitForRequest();
    } else {
      close();
    }
  }

  /**
   * Cuts the connection in the middle of an answer: the only way left to say that it is broken.
   *
   * @param delimited whether the client can tell that something is missing; if not, a FIN would be
   *     the end of the answer, and many clients take that of TLS for one too
   */
  void abort(boolean delimited) {
    exchange = null;
    phase = Phase.CLOSING;
    channel.flush();
    if (!delimited) {
      channel.config().setOption(ChannelOption.SO_LINGER, 0);
    }
    TlsStream.cut(channel);
  }

  /** Takes this handler away, so that a tunnel can have the channel. */
  void handOver() {
    phase = Phase.GONE;
    hold(0);
    slot().settled();
    exchange = null;
    loopContext.deadlines().disarm(timer);
    stall.stop();
    connection.handOver();
  }

  // ---- from the connection

  /** The process or the listener goes away: closes if nothing is going on. */
  void drain() {
    if (phase == Phase.WAITING && !decoder.isMidHead()) {
      if (Holder.waitingFor(channel) > 0) {
        // Its last answers have not been taken yet.
        close();
      } else {
        phase = Phase.CLOSING;
        channel.close();
      }
    }
  }

  /** About how many bytes wait in buffers, but for those that are written. */
  long heldBytes() {
    Exchange current = exchange;
    return decoder.heldBytes() + (current == null ? 0 : current.heldBytes());
  }

  /** What is taken of the heap by the head that is being read or answered. */
  long heldHeap() {
    return heapHeld;
  }

  /** Something was decoded, or has come behind what is. Taken over. */
  void read(Object message) {
    switch (message) {
      case HttpRequest request when phase == Phase.WAITING -> head(request);
      case HttpContent content when phase == Phase.EXCHANGING -> body(content);
      case LastHttpContent last when phase == Phase.ADMITTING -> {
        last.release();
        ClientRequest request = admitting;
        admitting = null;
        if (request != null) {
          admit(request);
        }
      }
      case ByteBuf bytes when phase == Phase.EXCHANGING && exchange != null ->
          exchange.requestData(bytes, false);
      default -> ReferenceCountUtil.release(message);
    }
  }

  private void head(HttpRequest head) {
    decoder.pause();
    hold(HeadMemory.counted(decoder.bytesOfHead()));
    slot().busy();
    phase = Phase.ADMITTING;
    headTimed = false;
    servedOne = true;
    loopContext.deadlines().disarm(timer);
    Result result = RequestReader.read(head, decoder.failedInRequestLine(), peer, loopContext);
    switch (result) {
      case Result.Sound(ClientRequest request) -> {
        if (request.hasBody()) {
          admit(request);
        } else {
          // Its last content is the next message, and what an upgrade does has to be done in that.
          admitting = request;
        }
      }
      case Result.Refused(LocalAnswer refusal, String id, String client) -> {
        stream.refuseUnread(refusal, id, client, head);
        close();
      }
    }
  }

  private void admit(ClientRequest request) {
    phase = Phase.EXCHANGING;
    awaitsBody = request.hasBody();
    stream.serve(request);
    loopContext.exchanges().begin(stream, request);
  }

  private void body(HttpContent content) {
    Exchange current = exchange;
    if (current == null) {
      content.release();
      return;
    }
    if (content instanceof LastHttpContent) {
      awaitsBody = false;
      decoder.pause();
    }
    RequestParts.hand(content, current);
  }

  /** What of the heap is taken by the head that is being read or answered. */
  private void hold(long bytes) {
    if (bytes != heapHeld) {
      loopContext.heads().add(bytes - heapHeld);
      heapHeld = bytes;
    }
  }

  private void waitForRequest() {
    hold(0);
    stream.rest();
    phase = Phase.WAITING;
    slot().waiting();
    arm(IDLE);
    stall.bound(DEFAULT_STALL);
    if (!channel.isWritable()) {
      decoder.hold();
    } else if (++answeredInTurn >= REQUESTS_PER_TURN) {
      decoder.hold();
      channel.eventLoop().execute(this::goOn);
    } else {
      decoder.resume();
      closeIfNothingFollows();
    }
  }

  /** Decodes the next request, as soon as the answers before it leave room for another. */
  private void goOn() {
    answeredInTurn = 0;
    if (phase == Phase.WAITING && channel.isWritable()) {
      decoder.resume();
      closeIfNothingFollows();
    }
  }

  /** Whoever ended its stream gets the answers to what came before, and no more. */
  private void closeIfNothingFollows() {
    if (inputEnded && phase == Phase.WAITING && decoder.isDry()) {
      close();
    }
  }

  /**
   * A body that is not whole when the stream ends will not be. The rest of one that is may still be
   * held back, for the upstream has yet to take it.
   */
  private void closeIfBodyIsCut() {
    if (inputEnded && awaitsBody && phase == Phase.EXCHANGING && decoder.isDry()) {
      channel.close();
    }
  }

  /** The client has ended its stream. */
  void inputEnded() {
    inputEnded = true;
    Exchange current = exchange;
    switch (phase) {
      case WAITING -> closeIfNothingFollows();
      case ADMITTING -> channel.close();
      case EXCHANGING -> {
        if (current != null && current.needsInput()) {
          channel.close();
        } else {
          closeIfBodyIsCut();
          ResetWatch.start(loopContext.deadlines(), channel);
        }
      }
      case CLOSING -> {
        if (closing != null) {
          closing.inputEnded();
        }
      }
      case GONE -> {}
    }
  }

  /** The client doesn't take its answers. */
  private void stalled() {
    loopContext.recorder().stalled();
    TlsStream.cut(channel);
  }

  /** Closes behind what was written, and without losing it. */
  private void close() {
    phase = Phase.CLOSING;
    hold(0);
    stream.rest();
    stall.stop();
    loopContext.deadlines().disarm(timer);
    Channel open = channel;
    LingeringClose end = new LingeringClose(loopContext.deadlines(), open, inputEnded);
    closing = end;
    end.begin();
    // Whatever still comes is dropped unparsed: unread, it would turn our FIN into a RST.
    open.config().setAutoRead(true);
    if (open.pipeline().get(RequestDecoder.class) != null) {
      open.pipeline().remove(decoder);
    }
  }

  /** All that was there has been read. */
  void readComplete() {
    answeredInTurn = 0;
    Exchange current = exchange;
    if (current != null) {
      current.clientReadComplete();
      closeIfBodyIsCut();
    } else if (phase == Phase.WAITING && decoder.isMidHead()) {
      hold(HeadMemory.counted(decoder.bytesOfHead()));
      if (!headTimed) {
        headTimed = true;
        if (servedOne) {
          arm(loopContext.state().settings().bounds().requestTimeout());
        }
      }
    }
  }

  /** The client takes more, or takes no more for now. */
  void writabilityChanged() {
    Exchange current = exchange;
    if (current != null) {
      current.clientWritabilityChanged();
    } else if (phase == Phase.WAITING && channel.isWritable()) {
      // Not from within the write that made room.
      channel.eventLoop().execute(this::goOn);
    }
  }

  /** The connection has ended. */
  void gone() {
    phase = Phase.GONE;
    hold(0);
    loopContext.deadlines().disarm(timer);
    stall.stop();
    if (closing != null) {
      closing.stop();
    }
    Exchange current = exchange;
    exchange = null;
    if (current != null) {
      current.clientGone();
    }
  }

  private void expired() {
    Exchange current = exchange;
    if (current != null) {
      current.expired();
    } else if (phase == Phase.WAITING && headTimed) {
      stream.refuseUnread(HttpAnswers.REQUEST_TIMEOUT, loopContext.ids().next(), peer.text(), null);
      close();
    } else {
      channel.close();
    }
  }

  /** The deadline of the connection, whatever it is waiting for. */
  private final class Timer extends Deadline {
    @Override
    protected void expired() {
      Conversation.this.expired();
    }

    @Override
    protected void failed() {
      // Which exchange there is tells channelInactive, and lets go of what it has.
      channel.close();
    }
  }
}
