package dev.longshore.proxy;

import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition;
import org.junit.jupiter.api.Test;

/** Which package may know which. */
class LayersTest {
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("dev.longshore.proxy");

  /** A data plane runs without a cluster, so it cannot even name Kubernetes. */
  @Test
  void theProxyKnowsTheContractAndNoKubernetes() {
    ArchRuleDefinition.noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "io.fabric8..",
            "io.javaoperatorsdk..",
            "dev.longshore.api..",
            "dev.longshore.operator..",
            "dev.longshore.cli..")
        .check(CLASSES);
  }

  /** The facade knows everything; what routes knows nothing of what carries bytes. */
  @Test
  void packagesPointOneWay() {
    layeredArchitecture()
        .consideringOnlyDependenciesInLayers()
        .layer("facade")
        .definedBy("dev.longshore.proxy")
        .layer("listen")
        .definedBy("..proxy.listen..")
        .layer("handshake")
        .definedBy("..proxy.handshake..")
        .layer("health")
        .definedBy("..proxy.health..")
        .layer("http")
        .definedBy("..proxy.http..")
        .layer("drain")
        .definedBy("..proxy.drain..")
        .layer("dial")
        .definedBy("..proxy.dial..")
        .layer("limit")
        .definedBy("..proxy.limit..")
        .layer("loop")
        .definedBy("..proxy.loop..")
        .layer("memory")
        .definedBy("..proxy.memory..")
        .layer("observe")
        .definedBy("..proxy.observe..")
        .layer("tunnel")
        .definedBy("..proxy.tunnel..")
        .layer("subscribe")
        .definedBy("..proxy.subscribe..")
        .layer("tls")
        .definedBy("..proxy.tls..")
        .layer("route")
        .definedBy("..proxy.route..")
        .layer("upstream")
        .definedBy("..proxy.upstream..")
        .whereLayer("facade")
        .mayNotBeAccessedByAnyLayer()
        .whereLayer("listen")
        .mayOnlyBeAccessedByLayers("facade")
        .whereLayer("drain")
        .mayOnlyBeAccessedByLayers("facade")
        .whereLayer("health")
        .mayOnlyBeAccessedByLayers("facade")
        .whereLayer("handshake")
        .mayOnlyBeAccessedByLayers("facade", "health")
        .whereLayer("http")
        .mayOnlyBeAccessedByLayers("facade", "listen", "handshake", "health")
        .whereLayer("dial")
        .mayOnlyBeAccessedByLayers("facade", "http", "handshake", "health")
        .whereLayer("limit")
        .mayOnlyBeAccessedByLayers("facade", "listen", "http", "handshake", "observe")
        .whereLayer("loop")
        .mayOnlyBeAccessedByLayers("facade", "listen", "http", "handshake", "dial", "health")
        .whereLayer("memory")
        .mayOnlyBeAccessedByLayers("facade", "listen", "http", "dial", "tunnel", "observe")
        // What becomes of a connection before HTTP is told by its gates.
        .whereLayer("observe")
        .mayOnlyBeAccessedByLayers("facade", "listen", "http", "handshake", "health")
        .whereLayer("tunnel")
        .mayOnlyBeAccessedByLayers("facade", "handshake", "observe", "health", "drain")
        .whereLayer("subscribe")
        .mayOnlyBeAccessedByLayers("facade", "http", "observe", "health", "drain")
        .whereLayer("tls")
        .mayOnlyBeAccessedByLayers(
            "facade",
            "listen",
            "http",
            "handshake",
            "dial",
            "tunnel",
            "subscribe",
            "upstream",
            "health")
        .whereLayer("route")
        .mayOnlyBeAccessedByLayers("http", "handshake", "limit", "subscribe", "drain")
        .whereLayer("upstream")
        .mayOnlyBeAccessedByLayers(
            "http", "handshake", "dial", "route", "subscribe", "health", "drain")
        .check(CLASSES);
  }
}
