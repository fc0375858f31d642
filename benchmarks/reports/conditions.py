"""The sentence about the machine and the versions that every section begins with."""


def in_words(results):
    machine = results["machine"]
    versions = ", ".join(f"{name} {version}" for name, version in results["versions"].items() if version)
    return (
        f"`{results['command']}` on {results['date']}, commit {results['commit']}: {machine['processor']}, "
        f"{machine['cores']} cores, {machine['memory']}, {machine['kernel']}; driver, application and database share "
        f"it.\n\n{versions}.\n"
    )
