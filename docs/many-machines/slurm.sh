#!/bin/bash
# One array task is one share: sbatch --array=0-2 slurm.sh /srv/images
# REPOSITORY and STAGE must be on a file system that all nodes see.
#SBATCH --job-name=pipeline
#SBATCH --cpus-per-task=2
#SBATCH --mem=1G
set -euo pipefail
repository=${1:?the repository of manifests}
stage=${2:-$repository/.pipeline/stage}

# Each node keeps its own downloads; scratch space on the node would do as well.
pipeline build --share auto --stage "$stage/$SLURM_ARRAY_JOB_ID/$SLURM_ARRAY_TASK_ID" --repo "$repository"

# Afterwards, once and whether or not a share was lost:
#   sbatch --dependency=afterany:JOB --wrap 'for s in STAGE/JOB/*/; do a+=(--staged "$s"); done; pipeline publish "${a[@]}" --repo REPOSITORY'
