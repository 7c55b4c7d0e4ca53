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
  void operatorKnowsNeitherTheProxyNorNetty() {
    noClasses()
        .that()
        .resideInAnyPackage("dev.longshore.operator..", "dev.longshore.api..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("dev.longshore.proxy..", "dev.longshore.cli..", "io.netty..")
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
