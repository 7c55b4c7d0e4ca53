package dev.longshore.proxy;

import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition;
import dev.longshore.contract.policy.Policy;
import dev.longshore.contract.testing.ClassCircle;
import dev.longshore.proxy.tunnel.TunnelTerms;
import io.netty.handler.codec.http.HttpObject;
import org.jspecify.annotations.Nullable;
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

  /**
   * Who is read can be read alone: of three classes or more that need each other none can. A part
   * may know the one that it is a part of. Nested classes count as their outermost.
   */
  @Test
  void noCirclesOfClassesBeyondParentAndChild() {
    assertThat(ClassCircle.among(CLASSES, LayersTest::outermost))
        .allMatch(ClassCircle::isOfParentsAndParts, "of parents and their parts");
  }

  private static @Nullable String outermost(JavaClass type) {
    return type.getPackageName().startsWith("dev.longshore.proxy")
        ? type.getName().replaceFirst("\\$.*", "")
        : null;
  }

  /** What is compiled is what is enforced: no request can be judged by anything else. */
  @Test
  void whoHandlesRequestsHasNoPolicyButTheCompiledOne() {
    ArchRuleDefinition.noClasses()
        .that()
        .resideInAnyPackage(
            "..proxy.http..", "..proxy.handshake..", "..proxy.tunnel..", "..proxy.drain..")
        .and()
        .areNotAssignableTo(TunnelTerms.class)
        .should()
        .dependOnClassesThat()
        .areAssignableTo(Policy.class)
        .check(CLASSES);
  }

  /** A filter judges what it is told of a request, and can't touch its connection. */
  @Test
  void filtersKnowNoSocket() {
    ArchRuleDefinition.noClasses()
        .that()
        .resideInAPackage("..proxy.filter..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("io.netty.channel..", "io.netty.buffer..")
        .check(CLASSES);
  }

  /**
   * What a request means is the same on a connection of its own and on a stream among others: so
   * nothing of that sees a socket, or an object of HTTP/1's codec.
   */
  @Test
  void exchangesKnowNoSocketAndNoCodec() {
    ArchRuleDefinition.noClasses()
        .that()
        .resideInAnyPackage("..proxy.http..", "..proxy.handshake..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "io.netty.channel..", "..proxy.http1..", "..proxy.http2..", "..proxy.dial..")
        .orShould()
        .dependOnClassesThat()
        .areAssignableTo(HttpObject.class)
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
        .layer("extauth")
        .definedBy("..proxy.extauth..")
        .layer("http")
        .definedBy("..proxy.http..")
        .layer("http1")
        .definedBy("..proxy.http1..")
        .layer("grpc")
        .definedBy("..proxy.grpc..")
        .layer("multiplex")
        .definedBy("..proxy.multiplex..")
        .layer("http2")
        .definedBy("..proxy.http2..")
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
        .layer("table")
        .definedBy("..proxy.table..")
        .layer("tls")
        .definedBy("..proxy.tls..")
        .layer("route")
        .definedBy("..proxy.route..")
        .layer("policy")
        .definedBy("..proxy.policy..")
        .layer("filter")
        .definedBy("..proxy.filter..")
        .layer("basic")
        .definedBy("..proxy.basic..")
        .layer("proof")
        .definedBy("..proxy.proof..")
        .layer("jwt")
        .definedBy("..proxy.jwt..")
        .layer("answer")
        .definedBy("..proxy.answer..")
        .layer("fields")
        .definedBy("..proxy.fields..")
        .layer("net")
        .definedBy("..proxy.net..")
        .layer("upstream")
        .definedBy("..proxy.upstream..")
        .whereLayer("facade")
        .mayNotBeAccessedByAnyLayer()
        // Where data planes begin: made by the facade, asked by nobody.
        .whereLayer("listen")
        .mayOnlyBeAccessedByLayers("facade")
        .whereLayer("drain")
        .mayOnlyBeAccessedByLayers("facade")
        .whereLayer("health")
        .mayOnlyBeAccessedByLayers("facade")
        // Made by the facade for each event loop; filters ask it as what they name themselves.
        .whereLayer("extauth")
        .mayOnlyBeAccessedByLayers("facade")
        // A probe may be a handshake.
        .whereLayer("handshake")
        .mayOnlyBeAccessedByLayers("facade", "health")
        // What carries requests and answers knows what they are, and not the reverse.
        .whereLayer("http")
        .mayOnlyBeAccessedByLayers(
            "facade", "listen", "http1", "http2", "handshake", "dial", "health")
        // A listener begins with it; what is sent to endpoints is written by it, probes too; how a
        // connection of TCP ends is the same for both versions.
        .whereLayer("http1")
        .mayOnlyBeAccessedByLayers("listen", "dial", "health", "http2")
        // A listener begins with it.
        .whereLayer("http2")
        .mayOnlyBeAccessedByLayers("listen")
        // Who has to know what a call says: exchanges, who answers one, who probes by one, who
        // counts them.
        .whereLayer("grpc")
        .mayOnlyBeAccessedByLayers("http", "http2", "health", "observe")
        // What both sides' streams have in common.
        .whereLayer("multiplex")
        .mayOnlyBeAccessedByLayers("http2", "dial")
        // Exchanges have streams, made by what the facade gives each event loop.
        .whereLayer("dial")
        .mayOnlyBeAccessedByLayers("facade", "health", "extauth")
        // Filters ask it; who holds a permit gives it back.
        .whereLayer("limit")
        .mayOnlyBeAccessedByLayers(
            "facade", "listen", "http", "http1", "http2", "handshake", "observe", "filter")
        // Whatever has a time.
        .whereLayer("loop")
        .mayOnlyBeAccessedByLayers(
            "facade", "listen", "http", "http1", "http2", "dial", "health", "extauth")
        // Whoever holds buffers.
        .whereLayer("memory")
        .mayOnlyBeAccessedByLayers(
            "facade", "listen", "http", "http1", "http2", "dial", "tunnel", "observe")
        // What becomes of a connection before HTTP is told by its gates.
        .whereLayer("observe")
        .mayOnlyBeAccessedByLayers("facade", "listen", "http", "handshake", "health")
        // A policy says what its tunnels are given; streams become their ends.
        .whereLayer("tunnel")
        .mayOnlyBeAccessedByLayers(
            "facade",
            "http",
            "http1",
            "http2",
            "multiplex",
            "handshake",
            "dial",
            "observe",
            "health",
            "drain",
            "policy")
        // Where a table comes from is nobody's business but of who shows it.
        .whereLayer("subscribe")
        .mayOnlyBeAccessedByLayers("facade", "observe")
        // Who serves by it, and who hears that it was replaced.
        .whereLayer("table")
        .mayOnlyBeAccessedByLayers(
            "facade",
            "http",
            "http1",
            "http2",
            "observe",
            "health",
            "drain",
            "subscribe",
            "extauth")
        // Whoever opens, closes or secures a connection.
        .whereLayer("tls")
        .mayOnlyBeAccessedByLayers(
            "facade",
            "listen",
            "http",
            "http1",
            "http2",
            "dial",
            "tunnel",
            "table",
            "upstream",
            "health",
            "extauth")
        // Only admission looks for a rule, by a target that was read; a tunnel keeps the one that
        // let it in.
        .whereLayer("route")
        .mayOnlyBeAccessedByLayers("http", "http1", "handshake", "table", "drain")
        // Rules have one, admission and exchanges enforce it, drains ask whether it was tightened.
        .whereLayer("policy")
        .mayOnlyBeAccessedByLayers("route", "http", "handshake", "drain")
        // Beneath http, which gives requests to filters and knows none of them by name; an answer
        // of
        // our own has a field of one of them.
        .whereLayer("filter")
        .mayOnlyBeAccessedByLayers(
            "policy", "http", "http1", "drain", "handshake", "extauth", "facade")
        // Passwords are checked for a filter, apart from loops, and handed there by what has these.
        .whereLayer("basic")
        .mayOnlyBeAccessedByLayers("filter", "http", "facade")
        // A token is judged for a filter, which alone knows where it stood.
        .whereLayer("jwt")
        .mayOnlyBeAccessedByLayers("filter")
        // Who lets in says by what; a tunnel keeps it, and drains show it to the filters of now.
        .whereLayer("proof")
        .mayOnlyBeAccessedByLayers("jwt", "basic", "filter", "http", "handshake", "tunnel", "drain")
        // Beneath whoever refuses something, and whoever writes or counts that.
        .whereLayer("answer")
        .mayOnlyBeAccessedByLayers(
            "filter",
            "policy",
            "route",
            "http",
            "http1",
            "http2",
            "handshake",
            "observe",
            "extauth")
        // Whoever reads or writes fields.
        .whereLayer("fields")
        .mayOnlyBeAccessedByLayers("filter", "http", "http1", "http2", "handshake", "dial")
        // Whoever asks who somebody is, or whom somebody asks for.
        .whereLayer("net")
        .mayOnlyBeAccessedByLayers("filter", "basic", "limit", "route", "http", "tls", "listen")
        // Whom it is about.
        .whereLayer("upstream")
        .mayOnlyBeAccessedByLayers(
            "http", "handshake", "dial", "route", "table", "health", "drain", "extauth")
        .check(CLASSES);
  }
}
