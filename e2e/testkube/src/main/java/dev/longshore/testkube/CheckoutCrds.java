package dev.longshore.testkube;

import io.fabric8.kubernetes.api.model.APIResourceList;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinitionVersion;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/** The CRDs of the checkout on a server, and whether clients find their kinds. */
final class CheckoutCrds {
  private static final long ESTABLISHED_SECONDS = 60;

  private final KubernetesClient admin;

  CheckoutCrds(KubernetesClient admin) {
    this.admin = admin;
  }

  /**
   * Applies the CRDs of the checkout and waits until their kinds can be used. Established alone
   * says that the names are taken: discovery, by which clients find a kind, and the handler that
   * serves it follow on their own time.
   */
  void apply() {
    for (Path file : crdFiles()) {
      try (InputStream in = Files.newInputStream(file)) {
        for (HasMetadata resource : admin.load(in).items()) {
          admin.resource(resource).forceConflicts().serverSideApply();
          admin
              .resource(resource)
              .waitUntilCondition(
                  applied -> applied instanceof CustomResourceDefinition crd && isEstablished(crd),
                  ESTABLISHED_SECONDS,
                  TimeUnit.SECONDS);
          if (resource instanceof CustomResourceDefinition crd) {
            awaitServed(crd, true);
          }
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /**
   * Deletes all CRDs with everything of their kinds, and waits until no client finds these any
   * more: the server is as one that never had them.
   */
  void remove() {
    List<CustomResourceDefinition> crds =
        admin.apiextensions().v1().customResourceDefinitions().list().getItems();
    crds.forEach(crd -> admin.resource(crd).delete());
    crds.forEach(crd -> awaitServed(crd, false));
  }

  private void awaitServed(CustomResourceDefinition crd, boolean served) {
    String group = crd.getSpec().getGroup();
    for (CustomResourceDefinitionVersion version : crd.getSpec().getVersions()) {
      String apiVersion = group + "/" + version.getName();
      String plural = crd.getSpec().getNames().getPlural();
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(ESTABLISHED_SECONDS);
      while (served ? !isServed(apiVersion, plural) : isKnown(apiVersion, plural)) {
        if (System.nanoTime() - deadline > 0) {
          throw new IllegalStateException(
              plural + " of " + apiVersion + (served ? " are not served" : " are still served"));
        }
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
      }
    }
  }

  private boolean isKnown(String apiVersion, String plural) {
    APIResourceList known = admin.getApiResources(apiVersion);
    return known != null
        && known.getResources().stream().anyMatch(kind -> kind.getName().equals(plural));
  }

  private boolean isServed(String apiVersion, String plural) {
    if (!isKnown(apiVersion, plural)) {
      return false;
    }
    try {
      return admin.raw("/apis/" + apiVersion + "/" + plural + "?limit=1") != null;
    } catch (KubernetesClientException e) {
      return false;
    }
  }

  private static List<Path> crdFiles() {
    try (Stream<Path> files = Files.list(Checkout.resolve("crds"))) {
      return files
          .filter(file -> file.toString().endsWith(".longshore.dev.yaml"))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean isEstablished(CustomResourceDefinition crd) {
    return crd.getStatus() != null
        && crd.getStatus().getConditions() != null
        && crd.getStatus().getConditions().stream()
            .anyMatch(
                condition ->
                    condition.getType().equals("Established")
                        && condition.getStatus().equals("True"));
  }
}
