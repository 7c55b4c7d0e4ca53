package dev.longshore.process;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** What is every process's, and so may know none. */
class LayersTest {
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("dev.longshore.process");

  /** Operator and data plane both build on it, so it must not bring the libraries of either. */
  @Test
  void itKnowsNeitherOperatorNorProxyNorKubernetes() {
    noClasses()
        .that()
        .resideInAPackage("dev.longshore.process..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "dev.longshore.operator..",
            "dev.longshore.proxy..",
            "io.fabric8..",
            "dev.longshore.api..")
        .check(CLASSES);
  }

  /** What is dead or stuck has to be known though no page can be asked for it. */
  @Test
  void theWatchKnowsNoPages() {
    noClasses()
        .that()
        .resideInAPackage("dev.longshore.process.watch..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("dev.longshore.process.admin..")
        .check(CLASSES);
  }

  /** The bounds of the contract are the process's too; routes and the push channel are not. */
  @Test
  void ofTheContractItKnowsWhatIsNoRoutes() {
    noClasses()
        .that()
        .resideInAPackage("dev.longshore.process..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("dev.longshore.contract.policy..", "dev.longshore.contract.push..")
        .check(CLASSES);
  }
}
