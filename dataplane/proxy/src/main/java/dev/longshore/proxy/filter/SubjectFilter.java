package dev.longshore.proxy.filter;

/**
 * A filter that needs no more than what is kept of a tunnel's handshake. So it is asked again of
 * open tunnels when a policy is tightened: what only a request has can't be asked by mistake.
 */
interface SubjectFilter extends TunnelFilter {
  /** Judges a request or an open tunnel; at once, and without holding anything for it. */
  Verdict judge(PolicySubject subject);

  @Override
  default Verdict test(FilterRequest request) {
    return judge(request);
  }

  @Override
  default boolean admitsStill(TunnelSubject opener) {
    return !(judge(opener) instanceof Verdict.Answer);
  }
}
