package dev.longshore.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/** What {@code kubectl kustomize} makes of a folder of {@code deploy/}. */
record Kustomization(String folder, List<HasMetadata> objects) {
  /** The folder of all manifests. */
  static final Path DEPLOY = Path.of("..", "deploy").toAbsolutePath().normalize();

  /** A pod template with the object that it stands in. */
  record Template(HasMetadata owner, PodTemplateSpec template) {
    String name() {
      return owner.getMetadata().getName();
    }

    boolean matches(Map<String, String> labels) {
      return template.getMetadata().getLabels().entrySet().containsAll(labels.entrySet());
    }

    boolean matches(LabelSelector selector) {
      assertThat(selector.getMatchExpressions()).isEmpty();
      return matches(selector.getMatchLabels());
    }

    /** The ports that its containers name. */
    List<String> ports() {
      return template.getSpec().getContainers().stream()
          .flatMap(container -> container.getPorts().stream())
          .map(port -> port.getName())
          .toList();
    }
  }

  /**
   * Builds a folder below {@code deploy/}. Without kubectl the test is skipped, except where the
   * environment variable CI is set: there it fails.
   */
  static Kustomization build(String folder) {
    return build(DEPLOY.resolve(folder));
  }

  static Kustomization build(Path folder) {
    try {
      Process process =
          new ProcessBuilder(kubectl().toString(), "kustomize", folder.toString())
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
      String yaml = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.waitFor()).as("kubectl kustomize " + folder).isZero();
      KubernetesSerialization serialization = new KubernetesSerialization();
      List<HasMetadata> objects = new ArrayList<>();
      for (String document : yaml.split("(?m)^---$")) {
        HasMetadata object = serialization.unmarshal(document);
        objects.add(object);
      }
      return new Kustomization(folder.getFileName().toString(), List.copyOf(objects));
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** The kubectl of {@code KUBEBUILDER_ASSETS} or the path. */
  static Path kubectl() {
    Optional<Path> found =
        Stream.of(System.getenv("KUBEBUILDER_ASSETS"), System.getenv("PATH"))
            .filter(path -> path != null)
            .flatMap(path -> Stream.of(path.split(java.io.File.pathSeparator)))
            .map(folder -> Path.of(folder, "kubectl"))
            .filter(Files::isExecutable)
            .findFirst();
    if (System.getenv("CI") == null) {
      Assumptions.assumeTrue(found.isPresent(), "kubectl is needed to build the manifests");
    }
    return found.orElseThrow(() -> new AssertionError("kubectl is missing"));
  }

  <T extends HasMetadata> List<T> all(Class<T> type) {
    return objects.stream().filter(type::isInstance).map(type::cast).toList();
  }

  <T extends HasMetadata> T one(Class<T> type, String name) {
    return find(type, name)
        .orElseThrow(
            () -> new AssertionError(folder + " has no " + type.getSimpleName() + " " + name));
  }

  <T extends HasMetadata> Optional<T> find(Class<T> type, String name) {
    return all(type).stream()
        .filter(object -> object.getMetadata().getName().equals(name))
        .findFirst();
  }

  List<Template> templates() {
    return Stream.concat(
            all(Deployment.class).stream().map(d -> new Template(d, d.getSpec().getTemplate())),
            all(DaemonSet.class).stream().map(d -> new Template(d, d.getSpec().getTemplate())))
        .toList();
  }

  Template template(String name) {
    return templates().stream()
        .filter(template -> template.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new AssertionError(folder + " has no pods " + name));
  }

  /** The objects by kind, namespace and name; fails when two are called the same. */
  Map<String, HasMetadata> byName() {
    return objects.stream()
        .collect(
            Collectors.toMap(
                object ->
                    object.getKind()
                        + " "
                        + object.getMetadata().getNamespace()
                        + "/"
                        + object.getMetadata().getName(),
                Function.identity()));
  }

  /** The names of all objects of a kind. */
  <T extends HasMetadata> Collection<String> names(Class<T> type) {
    return all(type).stream().map(object -> object.getMetadata().getName()).toList();
  }

  @Override
  public String toString() {
    return folder;
  }
}
