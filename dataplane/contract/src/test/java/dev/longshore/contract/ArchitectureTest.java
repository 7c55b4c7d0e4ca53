package dev.longshore.contract;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

class ArchitectureTest {

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
        .check(
            new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests())
                .importPackages("dev.longshore.contract"));
  }
}
