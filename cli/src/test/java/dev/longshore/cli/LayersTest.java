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

  /** Commands stand beside each other upon what they have in common. */
  @Test
  void theRoomsOfCommandsPointOneWay() {
    layeredArchitecture()
        .consideringOnlyDependenciesInLayers()
        .layer("command line")
        .definedBy("dev.longshore.cli")
        .layer("check")
        .definedBy("dev.longshore.cli.check")
        .layer("migrate")
        .definedBy("dev.longshore.cli.migrate")
        .layer("demo")
        .definedBy("dev.longshore.cli.demo")
        .layer("standalone")
        .definedBy("dev.longshore.cli.standalone")
        .layer("option")
        .definedBy("dev.longshore.cli.option")
        .layer("verdict")
        .definedBy("dev.longshore.cli.verdict")
        .layer("runtime")
        .definedBy("dev.longshore.cli.runtime")
        .layer("text")
        .definedBy("dev.longshore.cli.text")
        // It knows which commands there are; none of them needs another by it.
        .whereLayer("command line")
        .mayNotBeAccessedByAnyLayer()
        .whereLayer("demo")
        .mayOnlyBeAccessedByLayers("command line")
        .whereLayer("migrate")
        .mayOnlyBeAccessedByLayers("command line")
        // What a folder lacks is the same for whoever comes from elsewhere.
        .whereLayer("check")
        .mayOnlyBeAccessedByLayers("command line", "migrate")
        // A demo and a rehearsal are standalone ones with something to look at.
        .whereLayer("standalone")
        .mayOnlyBeAccessedByLayers("command line", "demo")
        // Options are of commands; what they are handed to has plain values.
        .whereLayer("option")
        .mayOnlyBeAccessedByLayers("command line", "check", "migrate", "demo", "standalone")
        .whereLayer("verdict")
        .mayOnlyBeAccessedByLayers("check", "migrate", "demo", "standalone")
        .check(
            new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests())
                .importPackages("dev.longshore.cli"));
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
