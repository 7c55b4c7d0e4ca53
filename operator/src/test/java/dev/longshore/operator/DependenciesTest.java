package dev.longshore.operator;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** Dependencies point one way. */
class DependenciesTest {
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
  void onlyTrustKnowsBouncyCastle() {
    noClasses()
        .that()
        .resideInAnyPackage("dev.longshore..")
        .and()
        .resideOutsideOfPackage("dev.longshore.operator.trust..")
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
}
