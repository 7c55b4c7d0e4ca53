package dev.longshore.api.v1alpha1;

import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.crdv2.generator.CRDGenerator;
import io.fabric8.crdv2.generator.CRDPostProcessor;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.client.CustomResource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Generates the CRDs from the Java types; the same bytes for the same types. */
final class GeneratedCrds {
  /** The one command that writes the committed files anew. */
  static final String REFRESH = "mvn -q -pl crds test -Dgolden.rewrite";

  private static final List<Class<? extends CustomResource<?, ?>>> RESOURCES =
      List.of(WebSocketRoute.class, LongshoreConfig.class);

  /** The generator writes bounds as doubles, 1.0E7, which some YAML readers take for a string. */
  private static final Pattern WHOLE_BOUND =
      Pattern.compile("^( *(?:minimum|maximum): )([0-9.E]+)$", Pattern.MULTILINE);

  private GeneratedCrds() {}

  /**
   * The YAML of each CRD by the name of its committed file.
   *
   * @param directory an empty directory that the generator may write to
   */
  static Map<String, String> generate(Path directory) throws IOException {
    new CRDGenerator()
        .customResourceClasses(List.copyOf(RESOURCES))
        .forCRDVersions("v1")
        .withPostProcessor(new ColumnsAsDeclared())
        .inOutputDir(directory.toFile())
        .generate();
    Map<String, String> byFile = new TreeMap<>();
    try (Stream<Path> files = Files.list(directory)) {
      files.forEach(
          file ->
              byFile.put(
                  file.getFileName().toString().replace("-v1.yml", ".yaml"), withHeader(file)));
    }
    return byFile;
  }

  private static String withHeader(Path file) {
    try {
      String yaml = Files.readString(file);
      return "# Generated from the Java types in src/main/java; to refresh it: "
          + REFRESH
          + "\n"
          + WHOLE_BOUND
              .matcher(yaml.substring(yaml.indexOf("apiVersion:")))
              .replaceAll(
                  bound -> bound.group(1) + new BigDecimal(bound.group(2)).toBigIntegerExact());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Puts printer columns in the order of their annotations; the generator sorts them by path. */
  private static final class ColumnsAsDeclared implements CRDPostProcessor {
    @Override
    public HasMetadata process(HasMetadata resource, String crdSpecVersion) {
      CustomResourceDefinition crd = (CustomResourceDefinition) resource;
      Class<?> type =
          RESOURCES.stream()
              .filter(r -> r.getSimpleName().equals(crd.getSpec().getNames().getKind()))
              .findFirst()
              .orElseThrow();
      List<String> declared =
          Arrays.stream(type.getAnnotationsByType(AdditionalPrinterColumn.class))
              .map(AdditionalPrinterColumn::name)
              .toList();
      crd.getSpec()
          .getVersions()
          .forEach(
              version ->
                  version
                      .getAdditionalPrinterColumns()
                      .sort(Comparator.comparingInt(column -> declared.indexOf(column.getName()))));
      return crd;
    }
  }
}
