package dev.longshore.contract.policy;

import dev.longshore.contract.Field;
import dev.longshore.contract.PoolKey;
import java.time.Duration;
import java.util.List;

/**
 * A service that is asked whether a request may pass, by its head alone: 2xx lets it pass.
 *
 * @param service the pool that is asked
 * @param host that it is asked with
 * @param path that it is asked for, absolute
 * @param timeout in which it has to answer; above zero
 * @param forwardHeaders of the request that it is told, in lower case
 * @param copyHeaders of its answer that the upstream gets, in lower case; a client's own never pass
 * @param failOpen whether a request passes when the service can't be asked
 * @param cacheKey what an answer depends on beside method, host and path; empty: none is kept
 * @param cacheTtl how long an answer that lets pass is kept; zero: none is
 * @param recheck how often it is asked again of an open tunnel; zero: never
 * @param recheckGrace how long a tunnel stays whose service can't be asked again
 */
public record ExternalAuth(
    PoolKey service,
    String host,
    String path,
    Duration timeout,
    List<String> forwardHeaders,
    List<String> copyHeaders,
    boolean failOpen,
    List<Source> cacheKey,
    Duration cacheTtl,
    Duration recheck,
    Duration recheckGrace)
    implements PolicyPart {
  /** Nobody is asked. */
  public static final ExternalAuth NONE =
      new ExternalAuth(
          new PoolKey("", "", "", ""),
          "",
          "",
          Duration.ZERO,
          List.of(),
          List.of(),
          false,
          List.of(),
          Duration.ZERO,
          Duration.ZERO,
          Duration.ZERO);

  private static final int MOST_HEADERS = 32;
  private static final int MOST_SOURCES = 8;

  public ExternalAuth {
    forwardHeaders = List.copyOf(forwardHeaders);
    copyHeaders = List.copyOf(copyHeaders);
    cacheKey = List.copyOf(cacheKey);
  }

  /**
   * A value of a request.
   *
   * @param type where it stands
   * @param name under which
   */
  public record Source(Type type, String name) {
    /** Where a value stands. */
    public enum Type {
      HEADER,
      COOKIE,
      QUERY
    }
  }

  @Override
  public void check(Field at) {
    at.at("host").authority(host);
    at.at("path").absolutePath(path);
    at.at("timeout").positive(timeout);
    names(forwardHeaders, at.at("forwardHeaders"));
    names(copyHeaders, at.at("copyHeaders"));
    for (int i = 0; i < copyHeaders.size(); i++) {
      at.at("copyHeaders").at(i).headerName(copyHeaders.get(i));
    }
    at.at("cacheKey").atMost(cacheKey, MOST_SOURCES);
    for (int i = 0; i < cacheKey.size(); i++) {
      at.at("cacheKey").at(i).at("name").token(cacheKey.get(i).name());
    }
    at.at("cacheTtl").duration(cacheTtl);
    at.at("recheck").duration(recheck);
    at.at("recheckGrace").duration(recheckGrace);
  }

  private static void names(List<String> names, Field at) {
    at.atMost(names, MOST_HEADERS);
    for (int i = 0; i < names.size(); i++) {
      at.at(i).token(names.get(i));
      at.at(i).lowerCase(names.get(i));
    }
  }
}
