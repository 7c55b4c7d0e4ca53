package dev.longshore.proxy.filter;

import dev.longshore.proxy.proof.Proof;
import java.util.List;

/** An open tunnel, as a policy judges it by what is kept of its handshake. */
public interface TunnelSubject extends PolicySubject {
  /** By what it was let in. */
  List<Proof> proofs();
}
