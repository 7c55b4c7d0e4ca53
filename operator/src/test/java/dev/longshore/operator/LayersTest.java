package dev.longshore.operator;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import dev.longshore.contract.testing.ClassCircle;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Which package may know which, and what of others. */
class LayersTest {
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("dev.longshore");

  /** The operator knows data planes only by the contract: it could be another's data plane. */
  @Test
  void operatorDoesNotKnowTheProxy() {
    noClasses()
        .that()
        .resideInAnyPackage("dev.longshore.operator..", "dev.longshore.api..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("dev.longshore.proxy..", "dev.longshore.cli..")
        .check(CLASSES);
  }

  /** Netty serves the push channel and nothing else of the operator. */
  @Test
  void onlyThePushServerKnowsNetty() {
    noClasses()
        .that()
        .resideInAnyPackage("dev.longshore.operator..", "dev.longshore.api..")
        .and()
        .resideOutsideOfPackage("dev.longshore.operator.push..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("io.netty..")
        .check(CLASSES);
  }

  /** Bouncy Castle makes certificates and nothing else. */
  @Test
  void onlyPkiKnowsBouncyCastle() {
    noClasses()
        .that()
        .resideInAnyPackage("dev.longshore..")
        .and()
        .resideOutsideOfPackage("dev.longshore.operator.pki..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("org.bouncycastle..")
        .check(CLASSES);
  }

  /** The translator is pure: it gets a view, wherever that is from, and publishes nothing. */
  @Test
  void translatorKnowsNeitherSourcesNorPublishing() {
    noClasses()
        .that()
        .resideInAPackage("dev.longshore.operator.translate..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "dev.longshore.operator.source.*..",
            "dev.longshore.operator.publish..",
            "dev.longshore.operator.quarantine..",
            "io.fabric8.kubernetes.client.dsl..")
        .check(CLASSES);
  }

  /** A view is only what there is, not what it means. */
  @Test
  void viewKnowsNoTranslator() {
    noClasses()
        .that()
        .resideInAPackage("dev.longshore.operator.source")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("dev.longshore.operator.translate..")
        .check(CLASSES);
  }

  /** What kinds are there is the sources' and the translators' matter; claims are all the same. */
  @Test
  void whatSettlesClaimsKnowsNoKindOfResource() {
    noClasses()
        .that()
        .haveNameMatching(
            ".*\\.translate\\.((host|quota|claim)\\..*|(TableEditor|QuotaGate|Judge|ClaimsReader|"
                + "IncrementalTranslation|ViewChanges)(\\$.*)?)")
        .should()
        .dependOnClassesThat()
        .haveNameMatching(".*\\.(WebSocketRoute|Ingress)(Spec|Translator|Reader)?")
        .check(CLASSES);
  }

  /** A view isn't made by whoever reads it: both sources trim by the one {@code Kind}. */
  @Test
  void onlySourcesTrim() {
    noClasses()
        .that()
        .resideOutsideOfPackage("dev.longshore.operator.source..")
        .should()
        .dependOnClassesThat()
        .haveNameMatching(".*\\.source\\.(Trim|Form|Stub|Content)(\\$.*)?")
        .check(CLASSES);
  }

  /** Another controller's annotations become problems and a policy, of nobody's claims. */
  @Test
  void foreignAnnotationsKnowWordsAndPoliciesAlone() {
    noClasses()
        .that()
        .resideInAnyPackage(
            "..operator.translate.foreign..", "..operator.translate.ingress.nginx..")
        .should()
        .dependOnClassesThat(
            resideInAPackage("dev.longshore.operator..")
                .and(not(resideInAPackage("..translate.foreign..")))
                .and(not(resideInAPackage("..translate.ingress.nginx..")))
                .and(not(resideInAPackage("..translate.policy..")))
                .and(not(resideInAPackage("..translate.field..")))
                .and(not(resideInAPackage("..translate.verdict.."))))
        .check(CLASSES);
  }

  /** A policy is read the same whoever states it. */
  @Test
  void policiesKnowNoKindsAndNoForeignAnnotations() {
    noClasses()
        .that()
        .resideInAPackage("..operator.translate.policy..")
        .should()
        .dependOnClassesThat()
        .haveNameMatching(
            ".*\\.translate\\.(foreign|ingress)\\..*|.*\\.(WebSocketRoute|Ingress)(Spec|Translator|Reader)?")
        .check(CLASSES);
  }

  /**
   * No class needs one that needs it, so that each can be read and moved alone. Nested classes
   * count as their outermost; what kinds are, how they are named and what is left of one tell of
   * each other ({@code source} itself).
   */
  @Test
  void noCirclesBetweenClasses() {
    assertThat(ClassCircle.among(CLASSES, LayersTest::outermost)).isEmpty();
  }

  private static @Nullable String outermost(JavaClass type) {
    return type.getPackageName().startsWith("dev.longshore.operator")
            && !type.getPackageName().equals("dev.longshore.operator.source")
        ? type.getName().replaceFirst("\\$.*", "")
        : null;
  }

  /** From how a value is read by what is claimed to who wins. */
  @Test
  void theRoomsOfTheTranslatorPointOneWay() {
    String translate = "dev.longshore.operator.translate";
    layeredArchitecture()
        .consideringOnlyDependenciesInLayers()
        .layer("door")
        .definedBy(translate)
        .layer("verdict")
        .definedBy(translate + ".verdict")
        .layer("field")
        .definedBy(translate + ".field")
        .layer("secret")
        .definedBy(translate + ".secret")
        .layer("policy")
        .definedBy(translate + ".policy")
        .layer("nginx")
        .definedBy(translate + ".ingress.nginx")
        .layer("foreign")
        .definedBy(translate + ".foreign")
        .layer("claim")
        .definedBy(translate + ".claim")
        .layer("tls")
        .definedBy(translate + ".tls")
        .layer("rule")
        .definedBy(translate + ".rule")
        .layer("upstream")
        .definedBy(translate + ".upstream")
        .layer("route")
        .definedBy(translate + ".route")
        .layer("ingress")
        .definedBy(translate + ".ingress")
        .layer("host")
        .definedBy(translate + ".host")
        .layer("quota")
        .definedBy(translate + ".quota")
        .layer("config")
        .definedBy(translate + ".config")
        // It drives the others and puts them together, so none of them may need it.
        .whereLayer("door")
        .mayNotBeAccessedByAnyLayer()
        // A kind is told once, and nobody else knows which there are.
        .whereLayer("route")
        .mayOnlyBeAccessedByLayers("door")
        .whereLayer("ingress")
        .mayOnlyBeAccessedByLayers("door")
        // Settings are of the classes; a resource gets those of its class as a binding.
        .whereLayer("config")
        .mayOnlyBeAccessedByLayers("door")
        // A resource is read without knowing whether it will win or fit.
        .whereLayer("host")
        .mayOnlyBeAccessedByLayers("door", "config")
        .whereLayer("quota")
        .mayOnlyBeAccessedByLayers("door", "config")
        // What is upstream and what a rule says is the same for every kind.
        .whereLayer("upstream")
        .mayOnlyBeAccessedByLayers("door", "route", "ingress")
        // The host table lets ACME solvers through, whoever owns the host.
        .whereLayer("rule")
        .mayOnlyBeAccessedByLayers("route", "ingress", "host")
        .whereLayer("tls")
        .mayOnlyBeAccessedByLayers("route", "ingress", "upstream", "config")
        // Other controllers' words are said on an Ingress; the door makes the table of them.
        .whereLayer("foreign")
        .mayOnlyBeAccessedByLayers("door", "ingress")
        // A class and a host's rules have names in ingress-nginx's words too.
        .whereLayer("nginx")
        .mayOnlyBeAccessedByLayers("foreign", "ingress", "claim", "host")
        // A policy is read the same whoever states it; it claims nothing.
        .whereLayer("policy")
        .mayOnlyBeAccessedByLayers(
            "nginx", "claim", "rule", "upstream", "route", "ingress", "config")
        // Certificates and keys are held apart from what is told of them.
        .whereLayer("secret")
        .mayOnlyBeAccessedByLayers("door", "claim", "tls", "upstream", "host", "config")
        .check(CLASSES);
  }

  /** From what there is by what it means to what data planes are sent and owners are told. */
  @Test
  void packagesPointOneWay() {
    layeredArchitecture()
        .consideringOnlyDependenciesInLayers()
        .layer("facade")
        .definedBy("dev.longshore.operator")
        .layer("election")
        .definedBy("..operator.election..")
        .layer("publish")
        .definedBy("..operator.publish..")
        .layer("push")
        .definedBy("..operator.push..")
        .layer("quarantine")
        .definedBy("..operator.quarantine..")
        .layer("view")
        .definedBy("dev.longshore.operator.source")
        .layer("cluster")
        .definedBy("..operator.source.cluster..")
        .layer("folder")
        .definedBy("..operator.source.folder..")
        .layer("manifest")
        .definedBy("..operator.source.manifest..")
        .layer("status")
        .definedBy("..operator.status..")
        .layer("store")
        .definedBy("..operator.store..")
        .layer("tenure")
        .definedBy("..operator.tenure..")
        .layer("translate")
        .definedBy("..operator.translate..")
        .layer("pki")
        .definedBy("..operator.pki..")
        .layer("words")
        .definedBy("..operator.words..")
        // It puts the parts together, so no part may need it.
        .whereLayer("facade")
        .mayNotBeAccessedByAnyLayer()
        // Who leads decides what is begun; nothing that is begun asks again.
        .whereLayer("election")
        .mayOnlyBeAccessedByLayers("facade")
        // What is published is nobody's before it is.
        .whereLayer("publish")
        .mayOnlyBeAccessedByLayers("facade")
        // What data planes refuse is only known where they are served; it is not the translator's.
        .whereLayer("quarantine")
        .mayOnlyBeAccessedByLayers("facade", "push")
        // It could be another way to reach data planes.
        .whereLayer("push")
        .mayOnlyBeAccessedByLayers("facade")
        // Views are the same wherever resources are from, so nobody may tell the sources apart.
        .whereLayer("cluster")
        .mayOnlyBeAccessedByLayers("facade")
        .whereLayer("folder")
        .mayNotBeAccessedByAnyLayer()
        // A custom resource of the API server is read as strictly as a file, by the same.
        .whereLayer("manifest")
        .mayOnlyBeAccessedByLayers("cluster", "folder")
        .whereLayer("view")
        .mayOnlyBeAccessedByLayers(
            "facade", "cluster", "folder", "manifest", "translate", "publish", "status", "tenure")
        // It reports verdicts; nothing that is served depends on it.
        .whereLayer("status")
        .mayOnlyBeAccessedByLayers("facade")
        // Only what this operator keeps of its own is written like that; status has the API's way.
        .whereLayer("store")
        .mayOnlyBeAccessedByLayers("tenure", "pki")
        // A wrong word is said where words are read.
        .whereLayer("words")
        .mayOnlyBeAccessedByLayers("manifest", "translate")
        // Whom hosts belong to reaches the translator as a part of the view.
        .whereLayer("tenure")
        .mayOnlyBeAccessedByLayers("facade")
        // The PKI has the forms of names and durations from it.
        .whereLayer("translate")
        .mayOnlyBeAccessedByLayers("facade", "publish", "status", "tenure", "pki")
        // The push channel's certificates.
        .whereLayer("pki")
        .mayOnlyBeAccessedByLayers("facade", "push")
        .check(CLASSES);
  }
}
