package dev.longshore.proxy.route;

import dev.longshore.contract.PathType;
import dev.longshore.contract.RuleAction.PathRewrite;
import dev.longshore.contract.RuleKey;
import dev.longshore.proxy.route.RequestTarget.Accepted;

/**
 * Rewrites paths as Gateway API's URLRewrite does: ReplacePrefixMatch replaces whole elements and
 * leaves exactly one slash at the seam; ReplaceFullPath replaces all. The query stays, but where a
 * redirect names it.
 */
final class PathRewriter {

  static String rewrite(PathRewrite rewrite, Accepted target, RuleKey key) {
    if (rewrite.type() == PathRewrite.Type.REPLACE_TARGET) {
      return rewrite.value();
    }
    String path =
        switch (rewrite.type()) {
          case REPLACE_TARGET -> throw new IllegalArgumentException("has a query of its own");
          case REPLACE_FULL -> rewrite.value();
          case REPLACE_MATCH -> throw new IllegalArgumentException("made by PatternRewriter");
          case REPLACE_PREFIX ->
              key.pathType() == PathType.PREFIX
                  ? replacePrefix(rewrite.value(), target.path(), elements(key.path()))
                  : rewrite.value();
        };
    return target.query() == null ? path : path + "?" + target.query();
  }

  private static String replacePrefix(String value, String path, int elements) {
    int rest = 0;
    for (int i = 0; i < elements && rest >= 0; i++) {
      rest = path.indexOf('/', rest + 1);
    }
    if (rest < 0 || rest == path.length()) {
      return value;
    }
    return (value.endsWith("/") ? value.substring(0, value.length() - 1) : value)
        + path.substring(rest);
  }

  private static int elements(String prefix) {
    int elements = 0;
    for (int i = 0; i < prefix.length() - 1; i++) {
      elements += prefix.charAt(i) == '/' ? 1 : 0;
    }
    return elements;
  }

  private PathRewriter() {}
}
