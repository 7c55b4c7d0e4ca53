package dev.longshore.proxy.http2;

import java.util.ArrayList;
import java.util.List;

/**
 * What the streams of a connection are told together: that a read is over, that what they wrote was
 * offered to the peer, that there is room again. So many frames of one read cost one write to the
 * socket, and nobody is told in the middle of another one's turn. On the event loop.
 */
final class Turn {
  private final Codec codec;
  private final List<Member> touched = new ArrayList<>();
  private final List<Member> toFlush = new ArrayList<>();
  private final List<Member> blocked = new ArrayList<>();
  private boolean makingRoom;

  /** A stream. */
  interface Member {
    /** All that was there has been read. */
    void readComplete();

    /** What was written has been offered to the peer. */
    void offered();

    /** Whether it was full, and has room again. */
    boolean unblock();

    /** There is room again. */
    void tellWritability();

    /** A fault of ours, or no memory for it. */
    void failed(Throwable cause);
  }

  Turn(Codec codec) {
    this.codec = codec;
  }

  /** Something has come for a stream: it hears when the read is over. */
  void touched(Member stream) {
    // Twice is harmless: the second time there is nothing.
    if (touched.isEmpty() || touched.getLast() != stream) {
      touched.add(stream);
    }
  }

  /** A stream is full: it hears when there is room. */
  void blocked(Member stream) {
    blocked.add(stream);
  }

  /** A stream has ended. */
  void left(Member stream) {
    blocked.remove(stream);
  }

  /** Sends what a stream has written, at the latest when the read is over. */
  void flush(Member stream) {
    if (codec.isReading()) {
      if (toFlush.isEmpty() || toFlush.getLast() != stream) {
        toFlush.add(stream);
      }
    } else {
      flushNow();
      stream.offered();
    }
  }

  /** Sends what was written, at the latest when the read is over. */
  void flush() {
    if (!codec.isReading()) {
      flushNow();
    }
  }

  /** Sends what was written. */
  void flushNow() {
    codec.flush(codec.context());
  }

  /** A read is over. */
  void readComplete() {
    for (int i = 0; i < touched.size(); i++) {
      Member stream = touched.get(i);
      guarded(stream, stream::readComplete);
    }
    touched.clear();
  }

  /** What was written has been offered. */
  void flushed() {
    if (!toFlush.isEmpty()) {
      List<Member> offered = List.copyOf(toFlush);
      toFlush.clear();
      offered.forEach(Member::offered);
    }
    makeRoom();
  }

  /** The channel or a window may take more. */
  void makeRoom() {
    if (makingRoom || blocked.isEmpty()) {
      return;
    }
    makingRoom = true;
    try {
      List<Member> freed = new ArrayList<>();
      blocked.removeIf(stream -> stream.unblock() && freed.add(stream));
      for (Member stream : freed) {
        guarded(stream, stream::tellWritability);
      }
    } finally {
      makingRoom = false;
    }
  }

  /** A fault of ours, or a want of memory, ends the stream that it is of. */
  static void guarded(Member stream, Runnable task) {
    try {
      task.run();
    } catch (RuntimeException | OutOfMemoryError e) {
      stream.failed(e);
    }
  }
}
