package dev.longshore.operator.translate;

import dev.longshore.operator.source.View;

/**
 * Translates views one after the other, each at a cost proportional to what changed since the one
 * before. The result depends on the view alone, never on the way to it.
 *
 * <p>Not thread-safe: one thread, or one lock, at a time.
 */
public final class Translator {

  public Translator(TranslatorOptions options) {}

  /**
   * What the view means. Never throws for what manifests say: what can't be served is in the
   * verdicts.
   */
  public Translation translate(View view) {
    throw new UnsupportedOperationException("not there yet");
  }
}
