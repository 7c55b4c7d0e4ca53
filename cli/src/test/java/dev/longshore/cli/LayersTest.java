package dev.longshore.cli;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** Which module may know which. */
class LayersTest {

  /** The modules' own tests say which of their packages may. */
  @Test
  void modulesPointOneWay() {
    layeredArchitecture()
        .consideringOnlyDependenciesInLayers()
        .layer("cli")
        .definedBy("dev.longshore.cli..")
        .layer("operator")
        .definedBy("dev.longshore.operator..")
        .layer("proxy")
        .definedBy("dev.longshore.proxy..")
        .layer("process")
        .definedBy("dev.longshore.process..")
        .layer("api")
        .definedBy("dev.longshore.api..")
        .layer("contract")
        .definedBy("dev.longshore.contract..")
        // It only reads flags and starts what they ask for.
        .whereLayer("cli")
        .mayNotBeAccessedByAnyLayer()
        // Either end of the push channel can be replaced by another's.
        .whereLayer("operator")
        .mayOnlyBeAccessedByLayers("cli")
        .whereLayer("proxy")
        .mayOnlyBeAccessedByLayers("cli")
        // What users write is translated before a data plane sees it.
        .whereLayer("api")
        .mayOnlyBeAccessedByLayers("cli", "operator")
        // Watches and admin servers, the same in every process.
        .whereLayer("process")
        .mayOnlyBeAccessedByLayers("cli", "operator", "proxy")
        .whereLayer("contract")
        .mayOnlyBeAccessedByLayers("cli", "operator", "proxy", "process")
        .check(
            new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests())
                .importPackages("dev.longshore"));
  }

  /** What is learnt from it must be the data plane's doing: it plays by sockets alone. */
  @Test
  void rehearsalKnowsAddressesAlone() {
    noClasses()
        .that()
        .resideInAPackage("dev.longshore.cli.rehearsal")
        .should()
        .dependOnClassesThat(
            resideInAnyPackage("dev.longshore..", "io.netty..")
                .and(not(resideInAPackage("dev.longshore.cli.rehearsal"))))
        .check(
            new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests())
                .importPackages("dev.longshore.cli"));
  }
}
