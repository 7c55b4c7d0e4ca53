package dev.longshore.operator.source.manifest;

/** Manifests that Helm has not filled in yet. */
final class HelmTemplate {
  static final String ADVICE =
      "is a Helm template, not a manifest yet: render it with `helm template CHART > FILE`, and"
          + " give what comes out";

  private HelmTemplate() {}

  /** Whether a text that can't be read as it stands has actions of Go templates in it. */
  static boolean is(String text) {
    int open = text.indexOf("{{");
    return open >= 0 && text.indexOf("}}", open) > 0;
  }
}
