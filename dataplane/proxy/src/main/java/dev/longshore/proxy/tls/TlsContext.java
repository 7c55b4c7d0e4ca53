package dev.longshore.proxy.tls;

import io.netty.handler.ssl.SslContext;
import io.netty.util.IllegalReferenceCountException;
import io.netty.util.ReferenceCountUtil;

/**
 * One of the library's contexts, which holds memory outside the heap. Every connection made with it
 * holds it too, so letting it go ends none of them: its memory is freed with the last one. Any
 * thread may use it.
 */
final class TlsContext {
  private final SslContext context;

  /** Takes the context over. */
  TlsContext(SslContext context) {
    this.context = context;
  }

  /** Holds it, so that it can be used until {@link #release}; false when it is gone. */
  boolean retain() {
    try {
      ReferenceCountUtil.retain(context);
      return true;
    } catch (IllegalReferenceCountException e) {
      return false;
    }
  }

  /** Lets it go. Once per hold; the maker holds it too. */
  void release() {
    ReferenceCountUtil.release(context);
  }

  /** The library's context, only while it is held. */
  SslContext held() {
    return context;
  }

  /** How many hold it, those who made it and connections; 0: freed. Without a count: 1. */
  int holders() {
    return Math.max(0, context instanceof io.netty.util.ReferenceCounted c ? c.refCnt() : 1);
  }
}
