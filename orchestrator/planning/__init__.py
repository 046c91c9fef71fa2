"""From a matrix to a day on air: the problem that a matrix poses, and the turns that a plan gives.

problem = problem_of(matrix, day)           day.py     Matrix → planner.Problem
solution = solve(problem)                   orchestrator.planner
turns = turns_of(problem, solution.plan)    turns.py   planner.Plan → each shop's turns
"""
