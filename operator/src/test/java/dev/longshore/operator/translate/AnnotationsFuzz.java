package dev.longshore.operator.translate;

import dev.longshore.contract.SnapshotValidator;
import dev.longshore.operator.source.View;
import dev.longshore.operator.translate.claim.TranslatorOptions;
import io.fabric8.kubernetes.api.model.networking.v1.IngressBuilder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/** Annotations of an Ingress, a line each ({@code name=value}): what comes out is a valid table. */
public final class AnnotationsFuzz {
  private AnnotationsFuzz() {}

  /** Loads what is needed, so that the first input takes no longer than the others. */
  public static void fuzzerInitialize() {
    fuzzerTestOneInput(new byte[0]);
  }

  /** One input. */
  public static void fuzzerTestOneInput(byte[] data) {
    Map<String, String> annotations = new LinkedHashMap<>();
    for (String line : new String(data, StandardCharsets.UTF_8).split("\n", 64)) {
      int equals = line.indexOf('=');
      if (equals > 0) {
        String name = line.substring(0, equals);
        annotations.put(
            name.contains("/") ? name : "longshore.dev/" + name, line.substring(equals + 1));
      }
    }
    View view =
        View.EMPTY.with(
            new IngressBuilder()
                .withNewMetadata()
                .withName("a")
                .withNamespace("demo")
                .withAnnotations(annotations)
                .endMetadata()
                .withNewSpec()
                .withIngressClassName("longshore")
                .addNewRule()
                .withHost("a.example.com")
                .withNewHttp()
                .addNewPath()
                .withPath("/")
                .withPathType("Prefix")
                .withNewBackend()
                .withNewService()
                .withName("web")
                .withNewPort()
                .withNumber(80)
                .endPort()
                .endService()
                .endBackend()
                .endPath()
                .endHttp()
                .endRule()
                .endSpec()
                .build());
    Translation translation = new Translator(TranslatorOptions.STANDALONE).translate(view);
    if (!SnapshotValidator.validate(translation.snapshot()).isEmpty()) {
      throw new AssertionError(SnapshotValidator.validate(translation.snapshot()).toString());
    }
  }
}
