package dev.longshore.proxy.http;

import dev.longshore.proxy.answer.LocalAnswer;
import dev.longshore.proxy.tunnel.Carrier;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A request's way back to its client, as an {@link Exchange} has it: what the client is told, and
 * how far its request is read. A connection of HTTP/1 is one such stream at a time; a connection of
 * HTTP/2 is many. What its protocol does with it (framing, how long a connection is kept) is the
 * stream's own business.
 *
 * <p>On its event loop, unless a method says otherwise.
 */
public interface ClientStream {
  /** Runs a task on its event loop. Any thread. */
  void execute(Runnable task);

  /** Arms or moves the deadline of its exchange; zero disarms it. */
  void arm(Duration after);

  /** How long the client may take nothing of what is written; zero: for ever. */
  void boundStall(Duration bound);

  /** Has its request carried by {@code next} from now on, and begins that. */
  void begin(Exchange next);

  // ---- the request

  /** Reads no more of the request for now. */
  void pause();

  /** Reads on. */
  void resume();

  /**
   * From now on everything that the client sends is of the tunnel that it asks for, if it gets one:
   * it comes as {@link Exchange#requestData}, what is there already before this returns.
   */
  void expectTunnel();

  // ---- the answer

  /** Whether so little waits for the client that more should come. */
  boolean isWritable();

  /** Passes an interim answer on, unless the client can't know it. Flushes. */
  void interim(HttpResponseStatus status, HttpHeaders fields);

  /**
   * The head of the answer. Of framing, {@code Content-Length} and {@code Transfer-Encoding} say
   * what the upstream said of the body; a stream that frames by itself drops the latter. Both are
   * the stream's from now on.
   */
  void head(HttpResponseStatus status, HttpHeaders fields);

  /**
   * A part of its body, perhaps empty. Taken over.
   *
   * @param last whether the answer ends with it, and there are no trailers; flushes
   */
  void data(ByteBuf bytes, boolean last);

  /** The fields behind the body, with which the answer ends. Flushes. */
  void trailers(HttpHeaders trailers);

  /** Sends what was written. */
  void flush();

  /** The exchange is over, and all of the answer is written. */
  void finished();

  /** The exchange is over; its answer is this one, of which nothing has been written. */
  void refuse(LocalAnswer refusal);

  /**
   * The exchange is over in the middle of its answer, and the client is told so in the only way
   * that is left.
   */
  void reset();

  /** Gives the client up, whatever it is at. Its exchange hears of that. */
  void cut();

  /**
   * The client gets its tunnel, and HTTP is over here.
   *
   * @param accept Sec-WebSocket-Accept
   * @param subprotocol the one agreed
   * @param extensions those agreed
   * @param fields the upstream's others, edited; those of the hop and of handshakes are left out
   * @return what the tunnel is laid over
   */
  Carrier accept(
      String accept, @Nullable String subprotocol, @Nullable String extensions, HttpHeaders fields);
}
