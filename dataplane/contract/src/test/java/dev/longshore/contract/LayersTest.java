package dev.longshore.contract;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** What the contract may know. */
class LayersTest {
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("dev.longshore.contract");

  /** Both ends of the push channel use it, so it must not bring the libraries of either. */
  @Test
  void theContractKnowsNeitherNettyNorKubernetes() {
    classes()
        .that()
        .resideInAPackage("dev.longshore.contract..")
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(
            "dev.longshore.contract..",
            "java..",
            "org.jspecify.annotations..",
            "com.fasterxml.jackson..",
            "com.google.re2j..")
        .check(CLASSES);
  }

  /** A snapshot is kept in files and shown on pages too, so it knows no channel. */
  @Test
  void theSnapshotKnowsNoPushChannel() {
    noClasses()
        .that()
        .resideInAnyPackage("dev.longshore.contract", "dev.longshore.contract.policy..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("dev.longshore.contract.push..")
        .check(CLASSES);
  }
}
